import { constants, read } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Fault } from "#kernel/errors/fault";
import "./faults.ts";

/**
 * Secrets that an operator gives to a node without writing them into its environment or beside its data: in a file, over
 * a descriptor, or as a systemd credential.
 */

/** Where a secret is: a path, or the number of an open descriptor; else a credential of the service manager. */
export interface SecretPlace {
  readonly named?: string;
  /** $CREDENTIALS_DIRECTORY of systemd (LoadCredential=, LoadCredentialEncrypted=). */
  readonly credentials?: string;
  /** The credential's name. */
  readonly credential: string;
}

const SECRET_MAX_BYTES = 4_096;
const DESCRIPTOR = /^\d$/;

/**
 * Reads a secret, without the line end that follows it. A descriptor can be read once.
 * @returns undefined where no place is named and no such credential was given
 * @throws ERR_KEY_MATERIAL when it is named but missing, empty, too long, no text, or open to other accounts
 */
export async function readSecret({ named, credentials, credential }: SecretPlace): Promise<string | undefined> {
  if (named !== undefined) return secretIn(named, { ownerOnly: true });
  if (credentials === undefined) return undefined;
  try {
    // Whoever else may read this folder is the service manager's matter.
    return await secretIn(join(credentials, credential), { ownerOnly: false });
  } catch (error) {
    if (((error as Fault).cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return undefined;
    throw error;
  }
}

async function secretIn(path: string, { ownerOnly }: { readonly ownerOnly: boolean }): Promise<string> {
  const bytes = await firstBytes(path, ownerOnly);
  const secret = decode(bytes)?.replace(/\r?\n$/, "");
  if (secret !== undefined && secret !== "" && bytes.length <= SECRET_MAX_BYTES) return secret;
  throw new Fault("ERR_KEY_MATERIAL", { message: `${path} must hold 1 to ${SECRET_MAX_BYTES} bytes of UTF-8` });
}

/** One byte more than a secret may have, at most. */
async function firstBytes(path: string, ownerOnly: boolean): Promise<Uint8Array> {
  try {
    if (DESCRIPTOR.test(path)) return await upTo(SECRET_MAX_BYTES + 1, descriptorReader(Number(path)));
    await using file = await open(path, constants.O_RDONLY | constants.O_NOCTTY);
    const found = await file.stat();
    if (ownerOnly && found.isFile() && process.platform !== "win32" && (found.mode & 0o077) !== 0) {
      throw new Fault("ERR_KEY_MATERIAL", {
        message: `${path} must be a file that only its owner can read: chmod 600`,
      });
    }
    return await upTo(SECRET_MAX_BYTES + 1, async (into) => (await file.read(into)).bytesRead);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("ERR_KEY_MATERIAL", { message: `${path}: ${(cause as Error).message}`, cause });
  }
}

/** A descriptor may be a socket or a pipe, which cannot be opened by a name. */
function descriptorReader(descriptor: number): (into: Buffer) => Promise<number> {
  return async (into) => (await promisify(read)(descriptor, into, 0, into.length, null)).bytesRead;
}

async function upTo(sizeBytes: number, next: (into: Buffer) => Promise<number>): Promise<Uint8Array> {
  const bytes = Buffer.alloc(sizeBytes);
  let length = 0;
  for (let got = -1; got !== 0 && length < sizeBytes; length += got) got = await next(bytes.subarray(length));
  return bytes.subarray(0, length);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
