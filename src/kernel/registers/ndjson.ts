import type { Entry } from "./handle.ts";
import type { ImportRow } from "./import-entries.ts";
import { LineFault } from "./import-fault.ts";
import { type ByteStream, textLines } from "./text-lines.ts";

/**
 * One entry a line, as a JSON object of its attributes. Members that begin with an underscore are about the entry: `_key` and
 * `_validFrom` are read; what else an export writes is passed over, but an ended entry is refused.
 */

export const ABOUT_ENTRY = ["_key", "_validFrom", "_validTo", "_recordedFrom", "_authority", "_act"] as const;

/** @throws LineFault */
export async function* readNdjson(bytes: ByteStream): AsyncGenerator<readonly ImportRow[], void, undefined> {
  for await (const lines of textLines(bytes)) {
    yield* untilFault(lines, ({ line, text }) => (text.trim() === "" ? undefined : rowOf(parsed(text, line), line)));
  }
}

/** What a chunk held, in one array; where a line is faulty, what came before it, and then the fault. */
export function* untilFault<T>(
  items: readonly T[],
  read: (item: T) => ImportRow | undefined,
): Generator<readonly ImportRow[], void, undefined> {
  const rows: ImportRow[] = [];
  try {
    for (const item of items) {
      const row = read(item);
      if (row !== undefined) rows.push(row);
    }
  } catch (error) {
    yield rows;
    throw error;
  }
  yield rows;
}

function parsed(text: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LineFault(line, "not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new LineFault(line, "no JSON object");
  return value as Record<string, unknown>;
}

/** Divides what is about the entry from its attributes. */
export function rowOf(members: Readonly<Record<string, unknown>>, line: number): ImportRow {
  const value: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members)) {
    if (!name.startsWith("_")) value[name] = member;
    else if (!(ABOUT_ENTRY as readonly string[]).includes(name)) throw new LineFault(line, `unknown member ${name}`);
  }
  if (members["_validTo"] !== undefined && members["_validTo"] !== "") throw new LineFault(line, "an ended entry");
  return { value, line, key: textOf(members["_key"], line), validFrom: textOf(members["_validFrom"], line) };
}

function textOf(member: unknown, line: number): string | undefined {
  if (member === undefined || member === "") return undefined;
  if (typeof member !== "string") throw new LineFault(line, "_key and _validFrom are texts");
  return member;
}

/** What `readNdjson` reads, with what is known about the entry. */
export function writeNdjson(entry: Entry<unknown>): string {
  return `${JSON.stringify({ ...aboutEntry(entry), ...(entry.value as object) })}\n`;
}

export function aboutEntry(entry: Entry<unknown>): Readonly<Record<(typeof ABOUT_ENTRY)[number], string | undefined>> {
  return {
    _key: entry.key,
    _validFrom: entry.validFrom,
    _validTo: entry.validTo,
    _recordedFrom: entry.recordedFrom,
    _authority: entry.provenance.authority,
    _act: entry.provenance.actId,
  };
}
