/** What an upload may be. */
export const UPLOAD_MEDIA_TYPES = ["application/pdf", "image/png", "image/jpeg", "image/webp"] as const;
export type UploadMediaType = (typeof UPLOAD_MEDIA_TYPES)[number];

/** PDF readers accept a header that does not stand at the very beginning; ISO 32000 has it there, and so do we. */
const PDF = bytesOf("%PDF-");
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** SOI and the first byte of the marker that follows. */
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff);
const RIFF = bytesOf("RIFF");
const WEBP = bytesOf("WEBP");
const WEBP_AT = 8;

/** What the bytes themselves say they are (PNG §5.2, JFIF, RFC 9649, ISO 32000-2 §7.5.2); undefined for anything else. */
export function detectMediaType(bytes: Uint8Array): UploadMediaType | undefined {
  if (startsWith(bytes, PDF, 0)) return "application/pdf";
  if (startsWith(bytes, PNG, 0)) return "image/png";
  if (startsWith(bytes, JPEG, 0)) return "image/jpeg";
  if (startsWith(bytes, RIFF, 0) && startsWith(bytes, WEBP, WEBP_AT)) return "image/webp";
  return undefined;
}

function startsWith(bytes: Uint8Array, magic: Uint8Array, at: number): boolean {
  return bytes.length >= at + magic.length && magic.every((byte, offset) => bytes[at + offset] === byte);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
