/**
 * Bytes on paper: Crockford's base 32 in lines of 20 characters, each with two more that check the line, so that a mistake in copying is named by
 * its line, and a checksum over all of it.
 */
import { fromBase32, toBase32 } from "#lib/crypto/base32";
import { concatBytes, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LINE_CHARACTERS = 20;
const CHECK_CHARACTERS = 2;
const GROUP_CHARACTERS = 4;
const CHECKSUM_BYTES = 4;
export const PAPER_MAX_CHARACTERS = 4_096;

/** Why what was typed cannot be read. */
export type PaperFault = "not-readable" | { readonly line: number };

/** @param prefix of what it is: `ZTS1` */
export function toPaper(prefix: string, content: Uint8Array): string {
  const characters = toBase32(concatBytes(content, sha256(content).subarray(0, CHECKSUM_BYTES)), ALPHABET);
  const lines = [prefix];
  for (let at = 0; at < characters.length; at += LINE_CHARACTERS) {
    const line = characters.slice(at, at + LINE_CHARACTERS);
    const groups = line.match(new RegExp(`.{1,${GROUP_CHARACTERS}}`, "g")) ?? [];
    lines.push(`${lines.length}: ${groups.join(" ")} / ${checkOf(line, lines.length)}`);
  }
  return `${lines.join("\n")}\n`;
}

const LINE = /^\s*(\d{1,2})\s*:\s*([0-9A-Za-z ]{1,40}?)\s*\/\s*([0-9A-Za-z]{2})\s*$/;

/** Reads it, with whatever stands around its lines. */
export function fromPaper(prefix: string, text: string): Uint8Array | PaperFault {
  if (text.length > PAPER_MAX_CHARACTERS) return "not-readable";
  const [before, after] = text.split(new RegExp(prefix, "i"), 2);
  if (before === undefined || after === undefined) return "not-readable";
  let characters = "";
  let number = 1;
  for (const written of after.split("\n")) {
    const [, stated, body = "", check = ""] = LINE.exec(written) ?? [];
    if (stated === undefined) continue;
    const line = readable(body);
    if (Number(stated) !== number || checkOf(line, number) !== readable(check)) return { line: number };
    characters += line;
    number += 1;
  }
  const whole = fromBase32(characters, ALPHABET);
  if (whole === undefined || whole.length <= CHECKSUM_BYTES) return "not-readable";
  const content = whole.subarray(0, -CHECKSUM_BYTES);
  const isWhole = sha256(content).subarray(0, CHECKSUM_BYTES).toHex() === whole.subarray(-CHECKSUM_BYTES).toHex();
  return isWhole ? content : "not-readable";
}

/** What a hand wrote, as it was meant: Crockford has no I, L, O and U. */
function readable(written: string): string {
  return written.toUpperCase().replaceAll(" ", "").replaceAll(/[IL]/g, "1").replaceAll("O", "0");
}

function checkOf(line: string, number: number): string {
  const [one = 0, two = 0] = sha256(utf8(`${number}:${line}`));
  return `${ALPHABET[one & 31]}${ALPHABET[two & 31]}`.slice(0, CHECK_CHARACTERS);
}
