import { glob } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { MigrationSet } from "#kernel/database/migrations";

const SOURCE = join(import.meta.dirname, "..");
/** The kernel's tables come before those of the rooms, the ledger's before all. */
const FIRST = ["kernel/ledger/migrations"];

/** Every folder of migrations of this version: the kernel's, then the rooms', by name. */
export async function migrationSets(): Promise<readonly MigrationSet[]> {
  const kernel = await Array.fromAsync(glob("kernel/*/migrations", { cwd: SOURCE }));
  const rooms = await Array.fromAsync(glob("*/*/migrations", { cwd: SOURCE, exclude: ["kernel/**"] }));
  const folders = [...new Set([...FIRST, ...kernel.sort(), ...rooms.sort()])].filter(
    (folder) => !folder.includes("\\"),
  );
  return folders.map((folder) => ({ scope: basename(dirname(folder)), folder: join(SOURCE, folder) }));
}
