import { randomBytes } from "node:crypto";
import { link, open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Writes a file whole or not at all, and never over another: of two that write at once, one wins and both can read its file.
 * @returns whether this call's bytes are the file's
 */
export async function writeOnce(path: string, bytes: Uint8Array, mode: number): Promise<boolean> {
  const draft = await writeDraft(path, bytes, mode);
  const won = await linked(draft, path).finally(() => unlink(draft));
  await syncFolder(path);
  return won;
}

/** Writes a file in the place of another: whoever reads it, also after a crash, finds the one or the other, whole. */
export async function replaceWhole(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  await rename(await writeDraft(path, bytes, mode), path);
  await syncFolder(path);
}

/** Removes a file, if it is there, and what interrupted writes left of it; that it is gone is on the disk when this returns. */
export async function removeFile(path: string): Promise<void> {
  await removeDrafts(dirname(path), basename(path));
  await rm(path, { force: true });
  await syncFolder(path);
}

const DRAFT = /^(.+)\.[0-9a-f]{12}\.draft$/;

/**
 * Removes what interrupted writes of one file left: a draft holds a key as well as its file does, and outlives it. Nobody may be writing it
 * meanwhile.
 */
export async function removeDrafts(folder: string, of: string): Promise<void> {
  for (const name of await draftsIn(folder)) {
    if (DRAFT.exec(name)?.[1] === of) await rm(join(folder, name), { force: true });
  }
}

/** What is being written now, or was interrupted. */
export async function draftsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => DRAFT.test(name));
}

/** A write takes a moment: what is there longer is nobody's. */
const WRITING_MS = 2_000;

/** Removes what of some drafts interrupted writes left; the others may be written meanwhile, and are waited for. */
export async function removeLeft(folder: string, drafts: readonly string[]): Promise<void> {
  const isThere = new Set(await draftsIn(folder));
  const left = drafts.filter((name) => isThere.has(name)).map((name) => join(folder, name));
  const begunMs = await Promise.all(
    left.map((path) =>
      stat(path).then(
        ({ ctimeMs }) => ctimeMs,
        () => 0,
      ),
    ),
  );
  if (begunMs.some((ms) => Date.now() - ms < WRITING_MS)) await sleep(WRITING_MS);
  for (const path of left) await rm(path, { force: true });
}

async function writeDraft(path: string, bytes: Uint8Array, mode: number): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString("hex")}.draft`;
  const file = await open(draft, "wx", mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
}

/** A hard link to an existing name fails: that is what makes the first writer the only one. */
async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
