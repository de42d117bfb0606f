import type { Entry } from "./handle.ts";
import type { ImportRow } from "./import-entries.ts";
import { LineFault } from "./import-fault.ts";
import { CSV_MAX_COLUMNS, CSV_RECORD_MAX_LINES, IMPORT_LINE_MAX_CHARACTERS } from "./limits.ts";
import { ABOUT_ENTRY, aboutEntry, rowOf, untilFault } from "./ndjson.ts";
import type { RegisterShape } from "./shape.ts";
import { type ByteStream, type TextLine, textLines } from "./text-lines.ts";

/**
 * CSV as RFC 4180 has it, strictly: a header that names attributes, the same number of fields in every record, quotes only around
 * whole fields. An empty field is an absent value; numbers and truth values are written plainly, lists and objects as JSON.
 */

interface Column {
  readonly name: string;
  readonly type: string;
}

/** @throws LineFault */
export async function* readCsv(
  bytes: ByteStream,
  shape: RegisterShape,
): AsyncGenerator<readonly ImportRow[], void, undefined> {
  let columns: readonly Column[] | undefined;
  const row = ({ line, fields }: CsvRecord): ImportRow | undefined => {
    if (columns === undefined) {
      columns = columnsOf(fields, shape, line);
      return undefined;
    }
    if (fields.length !== columns.length) {
      throw new LineFault(line, `${fields.length} fields instead of ${columns.length}`);
    }
    return rowOf(membersOf(columns, fields, line), line);
  };
  const records = new Records();
  for await (const lines of textLines(bytes)) {
    yield* untilFault(lines, (line) => {
      const record = records.next(line);
      return record === undefined ? undefined : row(record);
    });
  }
  records.end();
}

function columnsOf(header: readonly string[], shape: RegisterShape, line: number): readonly Column[] {
  if (new Set(header).size !== header.length) throw new LineFault(line, "a column occurs twice");
  return header.map((name) => {
    if ((ABOUT_ENTRY as readonly string[]).includes(name)) return { name, type: "string" };
    const attribute = shape.attributes.find((each) => each.name === name);
    if (attribute === undefined) throw new LineFault(line, `unknown column ${name}`);
    return { name, type: attribute.type };
  });
}

function membersOf(columns: readonly Column[], fields: readonly string[], line: number): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [at, { name, type }] of columns.entries()) {
    const field = fields[at] ?? "";
    if (field !== "") members[name] = parsedField(field, type, `${name} is no ${type}`, line);
  }
  return members;
}

function parsedField(field: string, type: string, problem: string, line: number): unknown {
  if (type === "string") return field;
  try {
    const value: unknown = JSON.parse(field);
    if (type === "any" || isOf(type, value)) return value;
  } catch {
    if (type === "any") return field;
  }
  throw new LineFault(line, problem);
}

function isOf(type: string, value: unknown): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type; // "number" and "boolean", which typeof names as JSON Schema does
}

interface CsvRecord {
  /** Of the record's first line. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** A record ends with its line, unless a quoted field goes on. */
class Records {
  #begun: { readonly line: number; text: string } | undefined;

  next({ line, text }: TextLine): CsvRecord | undefined {
    const begun = this.#begun;
    if (begun === undefined && (text === "" || text === "\r")) return undefined;
    const record = begun === undefined ? { line, text } : { line: begun.line, text: `${begun.text}\n${text}` };
    if (record.text.length > IMPORT_LINE_MAX_CHARACTERS || line - record.line >= CSV_RECORD_MAX_LINES) {
      throw new LineFault(record.line, "too long");
    }
    const fields = fieldsOf(record.text.endsWith("\r") ? record.text.slice(0, -1) : record.text, record.line);
    this.#begun = fields === undefined ? record : undefined;
    return fields === undefined ? undefined : { line: record.line, fields };
  }

  end(): void {
    if (this.#begun !== undefined) throw new LineFault(this.#begun.line, "a quote is not closed");
  }
}

/** Undefined while a quoted field is open. */
function fieldsOf(text: string, line: number): readonly string[] | undefined {
  const fields: string[] = [];
  for (let at = 0; ; ) {
    if (fields.length === CSV_MAX_COLUMNS) throw new LineFault(line, "too many columns");
    const quoted = text[at] === '"';
    const end = quoted ? closingQuote(text, at + 1) : endOfPlain(text, at);
    if (end === undefined) return undefined;
    const field = text.slice(quoted ? at + 1 : at, end);
    if (!quoted && field.includes('"')) throw new LineFault(line, "a quote within a field");
    fields.push(quoted ? field.replaceAll('""', '"') : field);
    const next = quoted ? end + 1 : end;
    if (next === text.length) return fields;
    if (text[next] !== ",") throw new LineFault(line, "text after a closing quote");
    at = next + 1;
  }
}

function endOfPlain(text: string, from: number): number {
  const comma = text.indexOf(",", from);
  return comma < 0 ? text.length : comma;
}

function closingQuote(text: string, from: number): number | undefined {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return undefined;
}

/** The header for `writeCsv`. */
export function csvHeader(shape: RegisterShape): string {
  return `${[...ABOUT_ENTRY, ...shape.attributes.map((each) => each.name)].map(fieldText).join(",")}\r\n`;
}

export function writeCsv(entry: Entry<unknown>, shape: RegisterShape): string {
  const about = aboutEntry(entry);
  const value = entry.value as Readonly<Record<string, unknown>>;
  const fields = [...ABOUT_ENTRY.map((name) => about[name]), ...shape.attributes.map((each) => value[each.name])];
  return `${fields.map(fieldText).join(",")}\r\n`;
}

function fieldText(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
