import { randomBytes } from "node:crypto";
import { link, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

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

/** Removes a file; that it is gone is on the disk when this returns. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path);
  await syncFolder(path);
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
