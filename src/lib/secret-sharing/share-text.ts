/**
 * A share on paper: Crockford's base 32 in lines of 20 characters, each with two more that check the line, so that a mistake in copying is
 * named by its line. With a passphrase the share is sealed (argon2id, AES-256-GCM), and what is on paper opens nothing.
 */
import { fromBase32, toBase32 } from "#lib/crypto/base32";
import { concatBytes, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { international } from "#lib/crypto/international";
import { PASSWORD_SALT_BYTES, type PasswordCost, passphraseKey } from "#lib/crypto/password";
import { SHARES_MAX } from "./shamir.ts";
import { CEREMONY_ID_BYTES, SECRET_BYTES, type Share } from "./shares.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LINE_CHARACTERS = 20;
const CHECK_CHARACTERS = 2;
const GROUP_CHARACTERS = 4;
const PREFIX = "ZTS1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = CEREMONY_ID_BYTES + 4;
const CHECKSUM_BYTES = 4;
const TEXT_MAX_CHARACTERS = 4_096;
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
  if (seal === undefined) return toText(concatBytes(header, bytes));
  if (seal.randomness.length !== SHARE_RANDOM_BYTES) throw new RangeError("another amount of randomness");
  const salt = seal.randomness.slice(0, PASSWORD_SALT_BYTES);
  const nonce = seal.randomness.slice(PASSWORD_SALT_BYTES);
  const key = await passphraseKey(seal.passphrase, { cost: COST, salt, sizeBytes: international.sealKeyBytes });
  const sealed = international.seal({ key, nonce, plaintext: bytes, associatedData: header });
  return toText(concatBytes(header, salt, nonce, sealed));
}

/** Reads a share, with whatever stands around its lines. */
export async function readShare(text: string, passphrase?: string): Promise<Share | TextFault> {
  const read = fromText(text);
  if (!(read instanceof Uint8Array)) return read;
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

function toText(content: Uint8Array): string {
  const characters = toBase32(concatBytes(content, sha256(content).subarray(0, CHECKSUM_BYTES)), ALPHABET);
  const lines = [PREFIX];
  for (let at = 0; at < characters.length; at += LINE_CHARACTERS) {
    const line = characters.slice(at, at + LINE_CHARACTERS);
    const groups = line.match(new RegExp(`.{1,${GROUP_CHARACTERS}}`, "g")) ?? [];
    lines.push(`${lines.length}: ${groups.join(" ")} / ${checkOf(line, lines.length)}`);
  }
  return `${lines.join("\n")}\n`;
}

const LINE = /^\s*(\d{1,2})\s*:\s*([0-9A-Za-z ]{1,40}?)\s*\/\s*([0-9A-Za-z]{2})\s*$/;

function fromText(text: string): Uint8Array | TextFault {
  if (text.length > TEXT_MAX_CHARACTERS) return { fault: "not-a-share" };
  const [before, after] = text.split(PREFIX, 2);
  if (before === undefined || after === undefined) return { fault: "not-a-share" };
  let characters = "";
  let number = 1;
  for (const written of after.split("\n")) {
    const [, stated, body = "", check = ""] = LINE.exec(written) ?? [];
    if (stated === undefined) continue;
    const line = readable(body);
    if (Number(stated) !== number || checkOf(line, number) !== readable(check))
      return { fault: "mistyped", line: number };
    characters += line;
    number += 1;
  }
  const whole = fromBase32(characters, ALPHABET);
  if (whole === undefined || whole.length <= HEADER_BYTES + CHECKSUM_BYTES) return { fault: "not-a-share" };
  const content = whole.subarray(0, -CHECKSUM_BYTES);
  const isWhole = sha256(content).subarray(0, CHECKSUM_BYTES).toHex() === whole.subarray(-CHECKSUM_BYTES).toHex();
  return isWhole ? content : { fault: "not-a-share" };
}

/** What a hand wrote, as it was meant: Crockford has no I, L, O and U. */
function readable(written: string): string {
  return written.toUpperCase().replaceAll(" ", "").replaceAll(/[IL]/g, "1").replaceAll("O", "0");
}

function checkOf(line: string, number: number): string {
  const [one = 0, two = 0] = sha256(utf8(`${number}:${line}`));
  return `${ALPHABET[one & 31]}${ALPHABET[two & 31]}`.slice(0, CHECK_CHARACTERS);
}
