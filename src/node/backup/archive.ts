import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { Fault } from "#kernel/errors/fault";
import { sha256Stream } from "#lib/crypto/digest";
import "../faults.ts";

/**
 * A backup is a folder: `manifest.json`, `database/` (one compressed COPY file a table), `files/`, `keys/`, and `SHA256SUMS`
 * over all of these, in the form that `sha256sum --check` reads. It holds keys: nobody but its owner may read it.
 */

export const FORMAT = "zhengtong-backup";
export const FORMAT_VERSION = 1;
const MANIFEST_FILE = "manifest.json";
const SUMS_FILE = "SHA256SUMS";
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;
const DIGEST_LINE = /^([0-9a-f]{64}) {2}(.+)$/;

export interface BackupTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** In the backup's folder. */
  readonly file: string;
}

export interface BackupSequence {
  readonly schema: string;
  readonly name: string;
  /** As text: a bigint. */
  readonly lastValue: string | null;
}

export interface BackupManifest {
  readonly format: typeof FORMAT;
  readonly version: typeof FORMAT_VERSION;
  readonly createdAt: string;
  readonly postgres: string;
  readonly migrations: readonly { readonly scope: string; readonly number: number; readonly digest: string }[];
  /** In an order in which none refers to a later one. */
  readonly tables: readonly BackupTable[];
  readonly sequences: readonly BackupSequence[];
  /** The newest signed checkpoint of the ledger, when there was one. */
  readonly checkpoint: string | null;
}

/** Writes a backup; nothing has its name before `finish`. */
export class ArchiveWriter {
  readonly #target: string;
  readonly #partial: string;
  readonly #digests = new Map<string, string>();

  private constructor(target: string) {
    this.#target = target;
    this.#partial = `${target}.partial`;
  }

  /** @throws ERR_BACKUP_TARGET when there is something already */
  static async create(target: string): Promise<ArchiveWriter> {
    if ((await stat(target).catch(() => undefined)) !== undefined) {
      throw new Fault("ERR_BACKUP_TARGET", { message: target });
    }
    const writer = new ArchiveWriter(target);
    await rm(writer.#partial, { recursive: true, force: true });
    await mkdir(writer.#partial, { recursive: true, mode: 0o700 });
    return writer;
  }

  /** @param file its path in the backup, with slashes */
  async add(file: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const path = join(this.#partial, file);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const digest = sha256Stream();
    const hashing = async function* () {
      for await (const chunk of content) {
        digest.update(chunk);
        yield chunk;
      }
    };
    await pipeline(hashing, createWriteStream(path, { mode: 0o600, flush: true }));
    this.#digests.set(file, digest.hex());
  }

  /**
   * Copies a folder; one that is not there is empty. What goes while it is copied (an upload under way that gets its name, an
   * orphan that is swept) is left out: nothing that the tables name does.
   */
  async addFolder(name: string, folder: string): Promise<number> {
    let count = 0;
    for (const file of await filesUnder(folder)) {
      const opened = await open(join(folder, file)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw error;
      });
      if (opened === undefined) continue;
      await this.add(`${name}/${file}`, opened.createReadStream());
      count += 1;
    }
    return count;
  }

  async finish(manifest: BackupManifest): Promise<void> {
    const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
    await this.add(
      MANIFEST_FILE,
      (async function* () {
        yield Buffer.from(text);
      })(),
    );
    const sums = [...this.#digests].map(([file, digest]) => `${digest}  ${file}\n`).sort();
    await writeFile(join(this.#partial, SUMS_FILE), sums.join(""), { mode: 0o600, flush: true });
    await rename(this.#partial, this.#target);
  }

  async abandon(): Promise<void> {
    await rm(this.#partial, { recursive: true, force: true });
  }
}

/**
 * Opens a backup after each of its files was read and compared with its digest.
 * @throws ERR_BACKUP_DAMAGED that names what is missing, surplus or changed
 */
export async function openArchive(folder: string): Promise<BackupManifest> {
  const damaged = (message: string) => new Fault("ERR_BACKUP_DAMAGED", { message: `${folder}: ${message}` });
  const sums = await readFile(join(folder, SUMS_FILE), "utf8").catch(() => undefined);
  if (sums === undefined) throw damaged(`${SUMS_FILE} is missing`);
  const listed = new Map<string, string>();
  for (const line of sums.trimEnd().split("\n")) {
    const [, digest, file] = DIGEST_LINE.exec(line) ?? [];
    if (digest === undefined || file === undefined) throw damaged(`${SUMS_FILE} is malformed`);
    listed.set(file, digest);
  }
  const present = new Set(await filesUnder(folder));
  present.delete(SUMS_FILE);
  for (const file of present) if (!listed.has(file)) throw damaged(`${file} is not listed`);
  for (const [file, digest] of listed) {
    if (!present.has(file)) throw damaged(`${file} is missing`);
    if ((await digestOf(join(folder, file))) !== digest) throw damaged(`${file} was changed`);
  }
  return await readManifest(join(folder, MANIFEST_FILE), damaged);
}

async function readManifest(path: string, damaged: (message: string) => Fault): Promise<BackupManifest> {
  if (((await stat(path).catch(() => undefined))?.size ?? Number.POSITIVE_INFINITY) > MAX_MANIFEST_BYTES) {
    throw damaged(`${MANIFEST_FILE} is missing or too long`);
  }
  const manifest = JSON.parse(await readFile(path, "utf8")) as Partial<BackupManifest>;
  if (manifest.format !== FORMAT || manifest.version !== FORMAT_VERSION || !Array.isArray(manifest.tables)) {
    throw damaged(`${MANIFEST_FILE} is of another format`);
  }
  return manifest as BackupManifest;
}

/** Copies what a backup holds under a name to a folder of its own; every file is on the disk afterwards. */
export async function extractFolder(backup: string, name: string, target: string): Promise<number> {
  const files = await filesUnder(join(backup, name));
  for (const file of files) {
    const path = join(target, file);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await pipeline(createReadStream(join(backup, name, file)), createWriteStream(path, { mode: 0o600, flush: true }));
  }
  return files.length;
}

/** Every regular file under a folder, as paths with slashes, in order. */
export async function filesUnder(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function digestOf(path: string): Promise<string> {
  const digest = sha256Stream();
  for await (const chunk of createReadStream(path)) digest.update(chunk);
  return digest.hex();
}
