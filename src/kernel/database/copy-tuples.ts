/**
 * Rows of `COPY … TO STDOUT (FORMAT binary)` (documentation of COPY, "Binary Format"). Byte strings come as they are, where an
 * answer to a statement would bring them as hexadecimal text.
 */

/** A row's fields, as the types' send functions write them; null is NULL. Views that are valid until the next rows are asked for. */
export type CopiedTuple = readonly (Buffer | null)[];

const SIGNATURE_BYTES = 11;
/** Signature, flags, length of the extension. */
const HEADER_BYTES = SIGNATURE_BYTES + 8;
const END = -1;
const NULL_FIELD = -1;

/** All rows that each piece of the stream ends. */
export async function* copiedTuples(
  pieces: AsyncIterable<Buffer>,
): AsyncGenerator<readonly CopiedTuple[], void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const piece of pieces) {
    const bytes: Buffer = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let at = 0;
    if (!begun) {
      if (bytes.length < HEADER_BYTES) {
        rest = bytes;
        continue;
      }
      at = HEADER_BYTES + bytes.readInt32BE(SIGNATURE_BYTES + 4);
      begun = true;
    }
    const tuples: CopiedTuple[] = [];
    for (;;) {
      const end = endOf(bytes, at);
      if (end === undefined) break;
      tuples.push(tupleAt(bytes, at));
      at = end;
    }
    rest = bytes.subarray(at);
    if (tuples.length > 0) yield tuples;
  }
}

/** Where the tuple that begins here ends; undefined where it is not whole, or there is none. */
function endOf(bytes: Buffer, begin: number): number | undefined {
  if (begin + 2 > bytes.length) return undefined;
  const fields = bytes.readInt16BE(begin);
  if (fields === END) return undefined;
  let at = begin + 2;
  for (let field = 0; field < fields; field++) {
    if (at + 4 > bytes.length) return undefined;
    const size = bytes.readInt32BE(at);
    at += 4 + (size === NULL_FIELD ? 0 : size);
  }
  return at > bytes.length ? undefined : at;
}

function tupleAt(bytes: Buffer, begin: number): CopiedTuple {
  const fields = bytes.readInt16BE(begin);
  const tuple: (Buffer | null)[] = [];
  let at = begin + 2;
  for (let field = 0; field < fields; field++) {
    const size = bytes.readInt32BE(at);
    at += 4;
    if (size === NULL_FIELD) tuple.push(null);
    else tuple.push(bytes.subarray(at, at + size));
    at += size === NULL_FIELD ? 0 : size;
  }
  return tuple;
}

/** An int8 as it is sent; only whole numbers up to 2^53 are exact. */
export function int8Of(field: Buffer): number {
  return field.readInt32BE(0) * 2 ** 32 + field.readUInt32BE(4);
}
