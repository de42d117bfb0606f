/** ECDSA over P-256 with SHA-256, verified with the platform's WebCrypto. Pure: keys and data come in, a verdict goes out. */
import { childAt, concatBytes, type DerElement, DerError, expectTag, readDer, TAG, writeDer } from "#lib/asn1/der";

const COORDINATE_BYTES = 32;

/**
 * Verifies a signature.
 * @param signature DER: SEQUENCE of two INTEGERs (RFC 3279 §2.2.3)
 * @param publicKeyInfo SubjectPublicKeyInfo, DER
 */
export async function verifyEcdsa(
  publicKeyInfo: Uint8Array,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  try {
    const key = await crypto.subtle.importKey("spki", Uint8Array.from(publicKeyInfo), algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, key, ecdsaPair(signature), Uint8Array.from(data));
  } catch (error) {
    // A point that is not on the curve, or a pair that is not DER: nobody signed with it.
    if (error instanceof DerError || error instanceof DOMException) return false;
    throw error;
  }
}

/** r ‖ s, as WebCrypto has it, from the DER form. @throws {DerError} */
export function ecdsaPair(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = expectTag(readDer(signature), TAG.sequence);
  if (whole.children.length !== 2) throw new DerError("a signature is a pair");
  return concatBytes([coordinate(childAt(whole, 0)), coordinate(childAt(whole, 1))]);
}

function coordinate(element: DerElement): Uint8Array {
  const content = expectTag(element, TAG.integer).content;
  const [first = 0, second = 0] = content;
  if (content.length === 0 || first >= 0x80) throw new DerError("a negative coordinate");
  if (first === 0 && content.length > 1 && second < 0x80) throw new DerError("an integer that is not minimal");
  const value = first === 0 ? content.subarray(1) : content;
  if (value.length > COORDINATE_BYTES) throw new DerError("a coordinate is too long");
  const padded = new Uint8Array(COORDINATE_BYTES);
  padded.set(value, COORDINATE_BYTES - value.length);
  return padded;
}

/** The DER form of r ‖ s. */
export function ecdsaDer(pair: Uint8Array): Uint8Array {
  const half = pair.length / 2;
  return writeDer(TAG.sequence, writeUnsigned(pair.subarray(0, half)), writeUnsigned(pair.subarray(half)));
}

function writeUnsigned(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const value = bytes.subarray(start);
  return writeDer(TAG.integer, (value[0] ?? 0) >= 0x80 ? concatBytes([Uint8Array.of(0), value]) : value);
}
