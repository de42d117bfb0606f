import { chmod, link, mkdir, readdir, readFile, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#kernel/errors/fault";
import { randomOpaqueUuid } from "#kernel/random";
import { processIdentity } from "./process-identity.ts";
import "./faults.ts";

/**
 * The data folder of a node, held by one process at a time:
 * `keys/` (0600 files), `files/`, `postgres/` or `postgres.location`, `lock.1`.
 */
export interface DataFolder {
  readonly path: string;
  readonly keys: string;
  readonly files: string;
  release(): Promise<void>;
  /** Of one that was joined: takes it over. */
  readonly take?: () => Promise<void>;
}

interface Holder {
  /** Whether it hands its place over when it is asked to (`succession.ts`); an older version would end. */
  readonly handsOver?: boolean;
  readonly pid: number;
  readonly identity: string;
  readonly since: string;
}

const LOCK_ATTEMPTS = 20;
const LOCK_NAME = /^lock\.(\d{1,15})$/;

/**
 * Works in the folder beside the process that holds it, whose place is to be taken: until `take`, the folder stays that process's.
 * @throws ERR_DATA_FOLDER_IN_USE, ERR_DATA_FOLDER, ERR_DISK_FULL
 */
export async function joinDataFolder(
  path: string,
  holder: number,
): Promise<DataFolder & { readonly take: () => Promise<void> }> {
  let lock: string | undefined;
  return {
    ...dataFolderAt(path),
    async take() {
      lock = await takeLock(path, holder).catch((error: unknown) => Promise.reject(folderFault(path, error)));
    },
    release: async () => (lock === undefined ? undefined : releaseLock(lock)),
  };
}

/**
 * Makes the folder when it is missing, and takes it.
 * @throws ERR_DATA_FOLDER_IN_USE, ERR_DATA_FOLDER, ERR_DISK_FULL
 */
export async function holdDataFolder(path: string): Promise<DataFolder> {
  const folder = dataFolderAt(path);
  try {
    await ownFolder(path);
    const lock = await takeLock(path, undefined);
    await ownFolder(folder.keys);
    await ownFolder(folder.files);
    return { ...folder, release: () => releaseLock(lock) };
  } catch (error) {
    throw folderFault(path, error);
  }
}

/** What lies where in a data folder. */
export function dataFolderAt(path: string): Omit<DataFolder, "release" | "take"> {
  return { path, keys: join(path, "keys"), files: join(path, "files") };
}

/** Who holds the folder now, if anybody. */
export async function dataFolderHolder(path: string): Promise<Pick<Holder, "pid" | "since" | "handsOver"> | undefined> {
  const { holder } = await lastLock(path);
  return holder !== undefined && (await isAlive(holder)) ? holder : undefined;
}

/** Keys and the database's password lie here: nobody else may look. */
async function ownFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o700);
}

/**
 * Locks are numbered: `lock.7` follows `lock.6`. Who finds the last one released, or its process gone, makes the next; `link` lets
 * exactly one succeed. The last one is never removed, so that nobody who looked earlier can take a number that was free again.
 * @returns the path of our lock
 */
async function takeLock(path: string, after: number | undefined): Promise<string> {
  const draft = join(path, `draft.${randomOpaqueUuid()}`);
  const identity = (await processIdentity(process.pid)) ?? "running";
  await writeFile(
    draft,
    JSON.stringify({ pid: process.pid, identity, since: new Date().toISOString(), handsOver: true }),
    {
      mode: 0o600,
    },
  );
  try {
    for (let attempt = 0; attempt < LOCK_ATTEMPTS; attempt += 1) {
      const last = await lastLock(path);
      if (last.holder !== undefined && last.holder.pid !== after && (await isAlive(last.holder))) {
        throw inUse(path, last.holder);
      }
      const lock = join(path, `lock.${last.number + 1}`);
      if (!(await linked(draft, lock))) continue;
      for (const number of last.older.concat(last.number)) await rm(join(path, `lock.${number}`), { force: true });
      return lock;
    }
    throw new Fault("ERR_DATA_FOLDER_IN_USE", { message: path });
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function releaseLock(lock: string): Promise<void> {
  const draft = `${lock}.released`;
  await writeFile(draft, JSON.stringify({ released: true }), { mode: 0o600 });
  await rename(draft, lock);
}

interface LastLock {
  /** 0 when there is none yet. */
  readonly number: number;
  readonly older: readonly number[];
  /** undefined when it was released, or is not readable as a lock. */
  readonly holder: Holder | undefined;
}

async function lastLock(path: string): Promise<LastLock> {
  const names = await readdir(path).catch(() => []);
  const numbers = names.map((name) => Number(LOCK_NAME.exec(name)?.[1] ?? 0)).filter((number) => number > 0);
  const number = Math.max(0, ...numbers);
  const holder = number === 0 ? undefined : await readHolder(join(path, `lock.${number}`));
  return { number, older: numbers.filter((each) => each < number), holder };
}

async function isAlive(holder: Holder): Promise<boolean> {
  return (await processIdentity(holder.pid)) === holder.identity;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(lock: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await readFile(lock, "utf8")) as Partial<Holder>;
    return typeof holder.pid === "number" && typeof holder.identity === "string" ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

function inUse(path: string, holder: Holder): Fault {
  return new Fault("ERR_DATA_FOLDER_IN_USE", { message: `${path} (PID ${holder.pid}, ${holder.since})` });
}

function folderFault(path: string, error: unknown): unknown {
  if (error instanceof Fault) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const full = code === "ENOSPC" || code === "EDQUOT";
  return new Fault(full ? "ERR_DISK_FULL" : "ERR_DATA_FOLDER", { message: `${path}: ${message}`, cause: error });
}
