import { randomBytes } from "node:crypto";
import { link, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file whole or not at all, and never over another: of two that write at once, one wins and both can read its file.
 * @returns whether this call's bytes are the file's
 */
export async function writeOnce(path: string, bytes: Uint8Array, mode: number): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString("hex")}.draft`;
  const file = await open(draft, "wx", mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  const won = await linked(draft, path).finally(() => unlink(draft));
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
  return won;
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
