import { fromBase64, toBase64 } from "#lib/crypto/base64url";

/** Larger texts are no key and no certificate. */
export const PEM_MAX_CHARACTERS = 1 << 20;
const LINE_CHARACTERS = 64;

/** One block of a PEM text. */
export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string;
  readonly der: Uint8Array;
}

/** Writes one block (RFC 7468 §3, strict form). */
export function writePem({ label, der }: PemBlock): string {
  const lines: string[] = [];
  const encoded = toBase64(der);
  for (let at = 0; at < encoded.length; at += LINE_CHARACTERS) lines.push(encoded.slice(at, at + LINE_CHARACTERS));
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

const BLOCK =
  /^-----BEGIN (?<label>[A-Z0-9 ]{1,40})-----\r?\n(?<body>[A-Za-z0-9+/=\r\n]*)-----END \k<label>-----\r?$/gm;

/**
 * The blocks of a PEM text in their order. What stands around them is explanatory text and is passed over (RFC 7468
 * §2); a block that is not canonical base64 is not returned.
 */
export function readPem(text: string): readonly PemBlock[] {
  if (text.length > PEM_MAX_CHARACTERS) return [];
  return [...text.matchAll(BLOCK)].flatMap(({ groups }) => {
    const der = fromBase64((groups?.["body"] ?? "").replaceAll(/[\r\n]/g, ""));
    return der === undefined || der.length === 0 ? [] : [{ label: groups?.["label"] ?? "", der }];
  });
}
