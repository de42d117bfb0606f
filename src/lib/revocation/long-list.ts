import { DerError } from "#lib/asn1/der";

/** One element whose content is not looked into: a list of many thousand entries is read one entry at a time. */
export interface ShallowElement {
  readonly tag: number;
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
}

/** Reads the header of the first element, as strictly as `readDer`. @throws {DerError} */
export function readShallow(bytes: Uint8Array): ShallowElement {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) throw new DerError("an element is cut off");
  const count = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || count > 4) throw new DerError("an indefinite or enormous length");
  const octets = bytes.subarray(2, 2 + count);
  const length = count === 0 ? first : octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const isMinimal = count === 0 || (length >= 0x80 && length >= 256 ** (count - 1));
  const end = 2 + count + length;
  if (octets.length < count || end > bytes.length || !isMinimal) throw new DerError("a length out of bounds");
  return { tag, raw: bytes.subarray(0, end), content: bytes.subarray(2 + count, end) };
}

/** The elements of a content, one after the other. @throws {DerError} */
export function* shallowElements(content: Uint8Array): Generator<ShallowElement, undefined> {
  for (let at = 0; at < content.length; ) {
    const element = readShallow(content.subarray(at));
    yield element;
    at += element.raw.length;
  }
}
