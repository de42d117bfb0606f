import { randomBytes } from "node:crypto";
import { link, open, readdir, rename, rm, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

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
 * Removes what interrupted writes left: a draft holds a key as well as its file does, and outlives it. Nobody may be writing meanwhile.
 * @param of the name of one file; all in the folder where absent
 */
export async function removeDrafts(folder: string, of?: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, file] = DRAFT.exec(name) ?? [];
    if (file !== undefined && (of === undefined || of === file)) await rm(join(folder, name), { force: true });
  }
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
