import { argon2 } from "node:crypto";
import { utf8 } from "./bytes.ts";
import { equalSecrets } from "./digest.ts";

/** What an argon2id digest costs (RFC 9106). */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** 19 MiB, two passes, one lane: the least that OWASP's password storage guide (2026) advises for argon2id. */
export const PASSWORD_COST: PasswordCost = Object.freeze({ memoryKib: 19_456, passes: 2, lanes: 1 });
export const PASSWORD_SALT_BYTES = 16;
export const PASSWORD_TAG_BYTES = 32;
/** Longer input is refused before it is digested. */
export const PASSWORD_MAX_BYTES = 1_024;

/** A stored digest may not ask for more than this: whoever can write one could otherwise stop the node. */
const COST_MAX: PasswordCost = { memoryKib: 262_144, passes: 10, lanes: 8 };
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/**
 * Digests a password for storage, in the PHC string format. The text is brought to NFKC first, so that it does not
 * matter which keyboard wrote it.
 * @param salt 16 fresh random bytes
 */
export async function digestPassword(
  password: string,
  salt: Uint8Array,
  cost: PasswordCost = PASSWORD_COST,
): Promise<string> {
  if (salt.length !== PASSWORD_SALT_BYTES) throw new RangeError(`a salt has ${PASSWORD_SALT_BYTES} bytes`);
  const message = passwordBytes(password);
  if (message === undefined) throw new RangeError(`a password has at most ${PASSWORD_MAX_BYTES} bytes`);
  const tag = await derive(message, salt, cost, PASSWORD_TAG_BYTES);
  return `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=${cost.lanes}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Whether a password is the one that was digested. False, too, when the stored text is not such a digest. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const parts = parseDigest(stored);
  const message = passwordBytes(password);
  if (parts === undefined || message === undefined) return false;
  return equalSecrets(await derive(message, parts.salt, parts.cost, parts.tag.length), parts.tag);
}

/** Whether a stored digest costs less than today's: digest again at the next sign-in. */
export function needsNewDigest(stored: string, cost: PasswordCost = PASSWORD_COST): boolean {
  const found = parseDigest(stored)?.cost;
  return found === undefined || found.memoryKib < cost.memoryKib || found.passes < cost.passes;
}

/**
 * A key that a passphrase opens, the same for the same salt and cost. The text is brought to NFKC first.
 * @param options.salt 16 random bytes, kept beside what the key seals, as is the cost
 * @throws {RangeError} when the passphrase is too long, or the salt or the cost is out of bounds
 */
export async function passphraseKey(
  passphrase: string,
  options: { readonly salt: Uint8Array; readonly cost: PasswordCost; readonly sizeBytes: number },
): Promise<Uint8Array> {
  const { salt, cost, sizeBytes } = options;
  const message = passwordBytes(passphrase);
  if (message === undefined) throw new RangeError(`a passphrase has at most ${PASSWORD_MAX_BYTES} bytes`);
  if (salt.length !== PASSWORD_SALT_BYTES || !isAllowed(cost)) throw new RangeError("salt or cost is out of bounds");
  return derive(message, salt, cost, sizeBytes);
}

function isAllowed({ memoryKib, passes, lanes }: PasswordCost): boolean {
  const whole = [memoryKib, passes, lanes].every(Number.isSafeInteger);
  const affordable = memoryKib <= COST_MAX.memoryKib && passes <= COST_MAX.passes && lanes <= COST_MAX.lanes;
  return whole && affordable && passes >= 1 && lanes >= 1 && memoryKib >= 8 * lanes; // RFC 9106 §3.1
}

function passwordBytes(password: string): Uint8Array | undefined {
  if (password.length > PASSWORD_MAX_BYTES) return undefined;
  const bytes = utf8(password.normalize("NFKC"));
  return bytes.length <= PASSWORD_MAX_BYTES ? bytes : undefined;
}

function parseDigest(stored: string): { cost: PasswordCost; salt: Uint8Array; tag: Uint8Array } | undefined {
  const [, memory, passes, lanes, salt, tag] = PHC.exec(stored) ?? [];
  if (salt === undefined || tag === undefined) return undefined;
  const cost = { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  if (!isAllowed(cost)) return undefined;
  return { cost, salt: Buffer.from(salt, "base64"), tag: Buffer.from(tag, "base64") };
}

function derive(message: Uint8Array, nonce: Uint8Array, cost: PasswordCost, tagLength: number): Promise<Uint8Array> {
  const { memoryKib: memory, passes, lanes: parallelism } = cost;
  return new Promise((resolve, reject) => {
    argon2("argon2id", { message, nonce, parallelism, tagLength, memory, passes }, (error, tag) => {
      if (error) reject(error);
      else resolve(new Uint8Array(tag));
    });
  });
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
