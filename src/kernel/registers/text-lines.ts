import { LineFault } from "./import-fault.ts";
import { IMPORT_LINE_MAX_CHARACTERS } from "./limits.ts";

export type ByteStream = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface TextLine {
  /** Counted from 1. */
  readonly line: number;
  /** Without its line feed; a carriage return before it stays, since it may be part of a quoted field. */
  readonly text: string;
}

/**
 * The lines of a UTF-8 stream, those that end in one chunk together; a byte order mark at the beginning is dropped.
 * @throws LineFault for a line that is too long or not UTF-8
 */
export async function* textLines(bytes: ByteStream): AsyncGenerator<readonly TextLine[], void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  let rest = "";
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw new LineFault(line, "not UTF-8");
    }
  };
  for await (const chunk of bytes) {
    rest += decode(chunk);
    const lines: TextLine[] = [];
    let from = 0;
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", from)) {
      lines.push(checkedLine(line, rest.slice(from, end)));
      line += 1;
      from = end + 1;
    }
    if (lines.length > 0) yield lines;
    rest = rest.slice(from);
    if (rest.length > IMPORT_LINE_MAX_CHARACTERS) throw new LineFault(line, "too long");
  }
  rest += decode();
  if (rest !== "") yield [checkedLine(line, rest)];
}

function checkedLine(line: number, text: string): TextLine {
  if (text.length > IMPORT_LINE_MAX_CHARACTERS) throw new LineFault(line, "too long");
  return { line, text };
}
