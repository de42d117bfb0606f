import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256Hex } from "#lib/crypto/digest";
import { ENVELOPE_HEAD_MAX_BYTES, EnvelopeError, envelopeKeyId } from "#lib/crypto/envelope";
import { Fault, isFault } from "../errors/fault.ts";
import { randomOpaqueUuid } from "../random.ts";
import type { Vault } from "../vault/vault.ts";
import type { StoredFile } from "./file.ts";
import "./faults.ts";
import { FILE_MAX_BYTES, FILE_NAME_MAX_CHARACTERS, ORPHAN_MIN_AGE_MS, SWEEP_BATCH_FILES } from "./limits.ts";

const DIGEST = /^[0-9a-f]{64}$/;
const LABEL = "file";
/** Holds what is being written or swept; never read. Left-overs of a crash are swept. */
const DRAFTS = "drafts";

/** Files named by the SHA-256 of their content, encrypted on disk: `<folder>/ab/cdef…`. */
export interface FileStore {
  /**
   * Keeps a file. When this returns, its bytes and its name are on the disk, so that a transaction may name it. The same
   * content is kept once.
   * @param about.maxBytes where more than the store's usual limit is to be kept
   * @throws ERR_FILE_SIZE, ERR_FILE_DISK
   */
  put(
    bytes: Uint8Array,
    about: { readonly mediaType: string; readonly name: string; readonly maxBytes?: number },
  ): Promise<StoredFile>;
  /** @throws ERR_FILE_MISSING, ERR_FILE_DAMAGED (which names the digest) */
  read(digest: string): Promise<Uint8Array>;
  has(digest: string): Promise<boolean>;
  /** Every digest in the store, in order, those before `from` left out: for backups and checks. */
  digests(from?: string): AsyncIterable<string>;
  /**
   * Seals a file with the key that seals now. Its age stays.
   * @returns whether it was sealed with another
   * @throws ERR_FILE_MISSING, ERR_FILE_DAMAGED, ERR_FILE_DISK
   */
  reseal(digest: string): Promise<boolean>;
  /** Removes what nothing names any more and is older than the transaction that might. */
  sweep(options: SweepOptions): Promise<{ readonly looked: number; readonly removed: number }>;
}

export interface SweepOptions {
  /** Which of these digests something names. */
  readonly referenced: (digests: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly nowMs: number;
  readonly olderThanMs?: number;
}

/** @param options.folder on one file system; made when it is not there */
export function createFileStore(options: {
  readonly folder: string;
  readonly vault: Vault;
  readonly maxBytes?: number;
}): FileStore {
  const { folder, vault, maxBytes = FILE_MAX_BYTES } = options;
  const pathOf = (digest: string) => join(folder, digest.slice(0, 2), digest.slice(2));

  async function read(digest: string): Promise<Uint8Array> {
    if (!DIGEST.test(digest)) throw new Fault("ERR_FILE_MISSING", { message: "not a digest" });
    const sealed = await readSealed(pathOf(digest), digest);
    const bytes = unsealed(vault, sealed, digest);
    if (sha256Hex(bytes) !== digest) throw new Fault("ERR_FILE_DAMAGED", { message: digest });
    return bytes;
  }

  async function put(
    bytes: Uint8Array,
    about: { mediaType: string; name: string; maxBytes?: number },
  ): Promise<StoredFile> {
    const most = about.maxBytes ?? maxBytes;
    if (bytes.length === 0 || bytes.length > most) {
      throw new Fault("ERR_FILE_SIZE", { message: `${bytes.length} bytes, 1 to ${most} are kept` });
    }
    const digest = sha256Hex(bytes);
    if (!(await keptWhole(digest))) {
      await onDisk(() => writeDurably({ folder, path: pathOf(digest), bytes: vault.seal(LABEL, bytes, digest) }));
    }
    return {
      digest,
      bytes: bytes.length,
      mediaType: about.mediaType,
      name: [...about.name].slice(0, FILE_NAME_MAX_CHARACTERS).join(""),
    };
  }

  /** Whether the content is here, readable, and too young to be swept. A damaged copy is written anew. */
  async function keptWhole(digest: string): Promise<boolean> {
    try {
      const now = new Date();
      await utimes(pathOf(digest), now, now); // before the look: a sweep that runs now spares what was touched
      await read(digest);
      return true;
    } catch (error) {
      if (isMissing(error) || isFault(error, "ERR_FILE_MISSING") || isFault(error, "ERR_FILE_DAMAGED")) return false;
      throw error instanceof Fault ? error : new Fault("ERR_FILE_DISK", { message: codeOf(error), cause: error });
    }
  }

  async function reseal(digest: string): Promise<boolean> {
    const path = pathOf(digest);
    if ((await keyOf(path, digest)) === vault.keyId) return false;
    const bytes = await read(digest);
    const times = await stat(path);
    await onDisk(async () => {
      await writeDurably({ folder, path, bytes: vault.seal(LABEL, bytes, digest) });
      await utimes(path, times.atime, times.mtime); // a sweep must not take it for new
    });
    return true;
  }

  return Object.freeze<FileStore>({
    put,
    read,
    reseal,
    async has(digest) {
      if (!DIGEST.test(digest)) return false;
      return (await stat(pathOf(digest)).catch(() => undefined))?.isFile() === true;
    },
    digests: (from = "") => digestsIn(folder, from),
    sweep: (sweep) => onDisk(() => sweepFolder(folder, pathOf, sweep)),
  });
}

/** The key that a file is sealed with; its first bytes tell. */
async function keyOf(path: string, digest: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    const head = Buffer.alloc(ENVELOPE_HEAD_MAX_BYTES);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return envelopeKeyId(head.subarray(0, bytesRead));
  } catch (error) {
    if (isMissing(error)) throw new Fault("ERR_FILE_MISSING", { message: digest });
    if (error instanceof EnvelopeError) throw new Fault("ERR_FILE_DAMAGED", { message: digest, cause: error });
    throw new Fault("ERR_FILE_DISK", { message: codeOf(error), cause: error });
  }
}

async function readSealed(path: string, digest: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) throw new Fault("ERR_FILE_MISSING", { message: digest });
    throw new Fault("ERR_FILE_DISK", { message: codeOf(error), cause: error });
  }
}

function unsealed(vault: Vault, sealed: Uint8Array, digest: string): Uint8Array {
  try {
    return vault.open(LABEL, sealed, digest);
  } catch (error) {
    if (isFault(error, "ERR_VAULT_SEAL")) throw new Fault("ERR_FILE_DAMAGED", { message: digest, cause: error });
    throw error;
  }
}

/** Under another name first: whoever sees the name sees the whole file, also after a crash. */
async function writeDurably(file: { folder: string; path: string; bytes: Uint8Array }): Promise<void> {
  const drafts = join(file.folder, DRAFTS);
  const target = dirname(file.path);
  const draft = join(drafts, randomOpaqueUuid());
  let madeTarget = false;
  try {
    const { value: handle } = await inFolder(drafts, () => open(draft, "wx", 0o600));
    try {
      await handle.writeFile(file.bytes);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    madeTarget = (await inFolder(target, () => rename(draft, file.path))).made;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(target);
  if (madeTarget) await syncFolder(file.folder);
}

/** Does something in a folder, which is made where it is not there: it nearly always is. */
async function inFolder<T>(
  folder: string,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly made: boolean }> {
  try {
    return { value: await work(), made: false };
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Whoever made it at the same time may not have synced its name yet.
    return { value: await work(), made: true };
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return; // a folder cannot be opened there; NTFS journals its names
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function* digestsIn(folder: string, from = ""): AsyncGenerator<string, void, undefined> {
  const prefixes = (await namesIn(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name) && name >= from.slice(0, 2));
  for (const prefix of prefixes) {
    for (const rest of await namesIn(join(folder, prefix))) {
      if (DIGEST.test(prefix + rest) && prefix + rest >= from) yield prefix + rest;
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw new Fault("ERR_FILE_DISK", { message: codeOf(error), cause: error });
  }
}

async function sweepFolder(
  folder: string,
  pathOf: (digest: string) => string,
  { referenced, nowMs, olderThanMs = ORPHAN_MIN_AGE_MS }: SweepOptions,
): Promise<{ looked: number; removed: number }> {
  const isOld = async (path: string) => {
    const found = await stat(path).catch(() => undefined);
    return found !== undefined && nowMs - found.mtimeMs > olderThanMs;
  };
  const drafts = join(folder, DRAFTS);
  for (const name of await namesIn(drafts)) {
    const path = join(drafts, name);
    if (await isOld(path)) await rm(path, { force: true });
  }
  await mkdir(drafts, { recursive: true, mode: 0o700 });
  let looked = 0;
  let removed = 0;
  const sweepBatch = async (digests: readonly string[]) => {
    const kept = await referenced(digests);
    for (const digest of digests.filter((each) => !kept.has(each))) {
      if (await removeUnlessTouched(pathOf(digest), join(drafts, randomOpaqueUuid()), isOld)) removed += 1;
    }
  };
  let batch: string[] = [];
  for await (const digest of digestsIn(folder)) {
    looked += 1;
    if (!(await isOld(pathOf(digest)))) continue;
    batch.push(digest);
    if (batch.length < SWEEP_BATCH_FILES) continue;
    await sweepBatch(batch);
    batch = [];
  }
  if (batch.length > 0) await sweepBatch(batch);
  return { looked, removed };
}

/**
 * Takes the file out of sight before its age is looked at a last time: a `put` of the same content that comes before finds it
 * and makes it young, so that it goes back; one that comes after does not find it and writes it anew.
 */
async function removeUnlessTouched(
  path: string,
  aside: string,
  isOld: (path: string) => Promise<boolean>,
): Promise<boolean> {
  try {
    await rename(path, aside);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  if (!(await isOld(aside))) {
    await rename(aside, path);
    return false;
  }
  await rm(aside, { force: true });
  return true;
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("ERR_FILE_DISK", { message: codeOf(error), cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? String(error);
}
