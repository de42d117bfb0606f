/**
 * The name of a node's log, in `ledger.name` of the key folder: chosen once, kept whatever root comes later, and no other node's.
 * Nodes that are older made it from their root at each start, so that two below one off-line root had the same.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex } from "#lib/crypto/digest";
import { CERTIFICATE_FILE_MODE } from "../certificates/authority-files.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { writeOnce } from "../keys/write-once.ts";
import { LOG_LABEL } from "./note-signer.ts";

const FILE = "ledger.name";
const NAME_BYTES = 8;
const NAME_DIGITS = NAME_BYTES * 2;

/** Gives the name, choosing it first where the node has none. @param root the root's certificate, DER */
export async function logName(keys: KeyStore, folder: string, root: Uint8Array): Promise<string> {
  const path = join(folder, FILE);
  const kept = await read(path);
  if (kept !== undefined) return kept;
  // Written before the log's key is made: who has a key and no name is older.
  const isOlder = (await keys.findKey(LOG_LABEL)) !== undefined;
  const digits = isOlder ? sha256Hex(root).slice(0, NAME_DIGITS) : randomBytes(NAME_BYTES).toString("hex");
  await writeOnce(path, Buffer.from(`zhengtong-${digits}/ledger\n`), CERTIFICATE_FILE_MODE);
  return (await read(path)) ?? logName(keys, folder, root);
}

async function read(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
