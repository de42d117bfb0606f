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
      const tuple = tupleAt(bytes, at);
      if (tuple === undefined) break;
      tuples.push(tuple.fields);
      at = tuple.end;
    }
    rest = bytes.subarray(at);
    if (tuples.length > 0) yield tuples;
  }
}

/** The tuple that begins here, and where it ends; undefined where it is not whole, or there is none. */
function tupleAt(bytes: Buffer, begin: number): { readonly fields: CopiedTuple; readonly end: number } | undefined {
  if (begin + 2 > bytes.length) return undefined;
  const count = bytes.readInt16BE(begin);
  if (count === END) return undefined;
  const fields: (Buffer | null)[] = [];
  let at = begin + 2;
  for (let field = 0; field < count; field++) {
    if (at + 4 > bytes.length) return undefined;
    const size = bytes.readInt32BE(at);
    at += 4;
    if (size === NULL_FIELD) {
      fields.push(null);
      continue;
    }
    if (at + size > bytes.length) return undefined;
    fields.push(bytes.subarray(at, at + size));
    at += size;
  }
  return { fields, end: at };
}

/** An int8 as it is sent; only whole numbers up to 2^53 are exact. */
export function int8Of(field: Buffer): number {
  return field.readInt32BE(0) * 2 ** 32 + field.readUInt32BE(4);
}
