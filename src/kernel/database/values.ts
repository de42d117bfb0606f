import pg from "pg";
import { Fault } from "../errors/fault.ts";
import type { Parameter } from "./wire.ts";

/**
 * How values cross the border. Out of PostgreSQL: int8 as a number (a fault when it is not exact), numeric as a string,
 * date as "YYYY-MM-DD", timestamptz as ISO 8601 in UTC with its microseconds, bytea as a Buffer, json parsed, arrays of these.
 * Everything else (uuid, ranges, intervals) is the text that PostgreSQL writes.
 */

/** As it is; its own types describe another version. */
const arrays = pg.types.arrayParser as unknown as {
  create(source: string, parse: Parse): { parse(): readonly unknown[] };
};

type Parse = (value: string) => unknown;

const parsers = new Map<number, Parse>();

const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  timestamp: 1114,
  timestamptz: 1184,
  jsonb: 3802,
} as const;

const ARRAY_OID: readonly (readonly [array: number, element: number])[] = [
  [1000, OID.bool],
  [1001, OID.bytea],
  [1016, OID.int8],
  [1005, OID.int2],
  [1007, OID.int4],
  [1028, OID.oid],
  [199, OID.json],
  [1021, OID.float4],
  [1022, OID.float8],
  [1115, OID.timestamp],
  [1185, OID.timestamptz],
  [3807, OID.jsonb],
  [1009, 0], // text
  [1015, 0], // varchar
  [1014, 0], // char
  [1003, 0], // name
  [2951, 0], // uuid
  [1182, 0], // date
  [1231, 0], // numeric
  [1187, 0], // interval
];

const asText: Parse = (value) => value;

parsers.set(OID.bool, (value) => value === "t");
parsers.set(OID.bytea, (value) => Buffer.from(value.slice(2), "hex"));
parsers.set(OID.int8, parseInt8);
for (const oid of [OID.int2, OID.int4, OID.oid, OID.float4, OID.float8]) parsers.set(oid, Number);
for (const oid of [OID.json, OID.jsonb]) parsers.set(oid, (value) => JSON.parse(value));
parsers.set(OID.timestamp, (value) => value.replace(" ", "T"));
parsers.set(OID.timestamptz, parseInstant);

for (const [array, element] of ARRAY_OID) {
  const parseElement = parsers.get(element) ?? asText;
  parsers.set(array, (value) => arrays.create(value, parseElement).parse());
}

function parseInt8(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Fault("ERR_DATABASE_UNSAFE_INTEGER");
  return number;
}

/** The session's time zone is UTC and its date style ISO: `2026-01-31 08:00:00.123456+00`, or `infinity`. */
function parseInstant(value: string): string {
  return value.endsWith("+00") ? `${value.slice(0, -3).replace(" ", "T")}Z` : value;
}

/** The parsers of a connection, in the shape that `pg` asks for. */
export const VALUE_PARSERS: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: string) =>
    format === "binary"
      ? (value: Buffer) => value
      : (parsers.get(oid) ?? asText)) as pg.CustomTypesConfig["getTypeParser"],
};

/** The parser of a column's text. */
export function parserOf(oid: number): (value: string) => unknown {
  return parsers.get(oid) ?? asText;
}

/**
 * What travels for a value: text, bytes as they are, or nothing for NULL. An object is written as JSON, a Temporal one as
 * ISO 8601. A JavaScript array is a PostgreSQL array: for a json column that holds a list, pass `JSON.stringify(list)`.
 */
export function toParameter(value: unknown): Parameter {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return null;
  if (typeof value !== "object") return String(value);
  if (value instanceof Uint8Array) return value;
  return Array.isArray(value) ? arrayText(value) : objectText(value);
}

function objectText(value: object): string {
  if (
    value instanceof Temporal.Instant ||
    value instanceof Temporal.PlainDate ||
    value instanceof Temporal.PlainDateTime
  ) {
    return value.toString();
  }
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

const PLAIN_ELEMENT = /^[\w.:+-]+$/;

/** The text of an array ("Array Input and Output Syntax", §8.15.6). */
function arrayText(values: readonly unknown[]): string {
  let text = "{";
  for (let at = 0; at < values.length; at++) text += (at === 0 ? "" : ",") + elementText(values[at]);
  return `${text}}`;
}

function elementText(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return arrayText(value);
  if (value instanceof Uint8Array) return `"\\\\x${value.toHex()}"`;
  const text = toParameter(value) as string | null;
  if (text === null) return "NULL";
  if (PLAIN_ELEMENT.test(text) && text.toUpperCase() !== "NULL") return text;
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
