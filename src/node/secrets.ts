import { link, lstat, open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#kernel/errors/fault";
import { randomBytes, randomOpaqueUuid } from "#kernel/random";
import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import "./faults.ts";

/** Secrets of the node in files that its account alone can read: the master key, the seed of the checkpoint key. */

export interface SecretOptions {
  readonly sizeBytes: number;
  /** Whether the secret may be made when it is missing: only where nothing has been sealed or signed with it. */
  readonly mayMake: boolean;
}

const OWNER_ONLY = 0o600;

/**
 * Reads a secret of the keys folder, or makes it.
 * @throws ERR_KEY_MATERIAL when it is missing and may not be made, malformed, or open to other accounts
 */
export async function nodeSecret(folder: string, name: string, options: SecretOptions): Promise<Uint8Array> {
  const path = join(folder, `${name}.secret`);
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) {
    if (!options.mayMake) throw new Fault("ERR_KEY_MATERIAL", { message: `${path} is missing` });
    await make(folder, path, options.sizeBytes);
  } else if (!found.isFile() || (process.platform !== "win32" && (found.mode & 0o177) !== 0)) {
    throw new Fault("ERR_KEY_MATERIAL", { message: `${path} must be a file that only its owner can read: chmod 600` });
  }
  const secret = fromBase64url((await readFile(path, "utf8")).trim());
  if (secret?.length === options.sizeBytes) return secret;
  throw new Fault("ERR_KEY_MATERIAL", { message: `${path} does not hold ${options.sizeBytes} bytes` });
}

/** On the disk before it has its name; of two that make it at once, one is used by both. */
async function make(folder: string, path: string, sizeBytes: number): Promise<void> {
  const draft = join(folder, `draft.${randomOpaqueUuid()}`);
  const file = await open(draft, "wx", OWNER_ONLY);
  try {
    await file.writeFile(`${toBase64url(randomBytes(sizeBytes))}\n`);
    await file.sync();
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await file.close();
    await unlink(draft);
  }
}
