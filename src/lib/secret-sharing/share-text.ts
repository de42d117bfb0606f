/** A share on paper. With a passphrase the share is sealed (argon2id, AES-256-GCM), and what is on paper opens nothing. */
import { concatBytes } from "#lib/crypto/bytes";
import { international } from "#lib/crypto/international";
import { PASSWORD_SALT_BYTES, type PasswordCost, passphraseKey } from "#lib/crypto/password";
import { fromPaper, toPaper } from "#lib/paper/checked-lines";
import { SHARES_MAX } from "./shamir.ts";
import { CEREMONY_ID_BYTES, SECRET_BYTES, type Share } from "./shares.ts";

const PREFIX = "ZTS1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = CEREMONY_ID_BYTES + 4;
export const SHARE_RANDOM_BYTES = PASSWORD_SALT_BYTES + NONCE_BYTES;
/** 64 MiB, three passes, four lanes: the second recommended option of RFC 9106 §4. */
const COST: PasswordCost = Object.freeze({ memoryKib: 65_536, passes: 3, lanes: 4 });

export type TextFault =
  | { readonly fault: "not-a-share" }
  | { readonly fault: "mistyped"; readonly line: number }
  | { readonly fault: "passphrase-needed" | "passphrase-wrong" | "passphrase-not-used"; readonly index: number };

/** A share that is written down; sealed where there is a passphrase. @param randomness `SHARE_RANDOM_BYTES` fresh bytes */
export async function writeShare(
  share: Share,
  seal?: { readonly passphrase: string; readonly randomness: Uint8Array },
): Promise<string> {
  const { ceremony, count, threshold, index, bytes } = share;
  const header = concatBytes(ceremony, Uint8Array.of(count, threshold, index, seal === undefined ? 0 : 1));
  if (seal === undefined) return toPaper(PREFIX, concatBytes(header, bytes));
  if (seal.randomness.length !== SHARE_RANDOM_BYTES) throw new RangeError("another amount of randomness");
  const salt = seal.randomness.slice(0, PASSWORD_SALT_BYTES);
  const nonce = seal.randomness.slice(PASSWORD_SALT_BYTES);
  const key = await passphraseKey(seal.passphrase, { cost: COST, salt, sizeBytes: international.sealKeyBytes });
  const sealed = international.seal({ key, nonce, plaintext: bytes, associatedData: header });
  return toPaper(PREFIX, concatBytes(header, salt, nonce, sealed));
}

/** Reads a share, with whatever stands around its lines. */
export async function readShare(text: string, passphrase?: string): Promise<Share | TextFault> {
  const read = fromPaper(PREFIX, text);
  if (read === "not-readable") return { fault: "not-a-share" };
  if (!(read instanceof Uint8Array)) return { fault: "mistyped", line: read.line };
  if (read.length <= HEADER_BYTES) return { fault: "not-a-share" };
  const [ceremony, count = 0, threshold = 0, index = 0, isSealed = 0] = [
    read.slice(0, CEREMONY_ID_BYTES),
    ...read.subarray(CEREMONY_ID_BYTES, HEADER_BYTES),
  ];
  const body = read.subarray(HEADER_BYTES);
  const size = isSealed === 1 ? SHARE_RANDOM_BYTES + SECRET_BYTES + TAG_BYTES : SECRET_BYTES;
  const fits = count <= SHARES_MAX && index >= 1 && index <= count && isSealed <= 1 && body.length === size;
  if (!fits) return { fault: "not-a-share" };
  const share = { ceremony, count, threshold, index };
  if (isSealed === 0) {
    return passphrase === undefined ? { ...share, bytes: body.slice() } : { fault: "passphrase-not-used", index };
  }
  if (passphrase === undefined) return { fault: "passphrase-needed", index };
  const salt = body.subarray(0, PASSWORD_SALT_BYTES);
  const nonce = body.subarray(PASSWORD_SALT_BYTES, SHARE_RANDOM_BYTES);
  const key = await passphraseKey(passphrase, { cost: COST, salt, sizeBytes: international.sealKeyBytes });
  const ciphertext = body.subarray(SHARE_RANDOM_BYTES);
  const bytes = international.open({ key, nonce, ciphertext, associatedData: read.subarray(0, HEADER_BYTES) });
  return bytes === undefined ? { fault: "passphrase-wrong", index } : { ...share, bytes };
}
