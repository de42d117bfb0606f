/** RFC 4648 §6: what authenticator programs take. */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Base32 without padding: what people can type. @param alphabet 32 characters, none a small letter */
export function toBase32(bytes: Uint8Array, alphabet = ALPHABET): string {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + alphabet[(held << (5 - bits)) & 31];
}

/** Reads base32, in small letters or with spaces too; undefined where it is none, or where bits that must be zero are not. */
export function fromBase32(encoded: string, alphabet = ALPHABET): Uint8Array | undefined {
  const text = encoded.replaceAll(/[\s=]/g, "").toUpperCase();
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return undefined;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return bits < 5 && held === 0 ? bytes : undefined;
}
