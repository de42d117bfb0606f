/**
 * Messages of PostgreSQL's extended protocol ("Frontend/Backend Protocol", §54.7), written one behind the other into one
 * buffer: a write to the socket costs more than all that stands in it.
 */

const INITIAL_BYTES = 64 * 1024;
/** A larger buffer is given back after its use. */
const KEPT_BYTES = 1024 * 1024;
const UTF8_MAX_BYTES = 3; // for each UTF-16 code unit
const HEADER_BYTES = 5;
/** Describe of the unnamed portal; Execute of it, all rows; Sync. */
const DESCRIBE = Buffer.from([0x44, 0, 0, 0, 6, 0x50, 0]);
const EXECUTE = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);
const PARSE = 0x50;
const BIND = 0x42;
const FORMAT_TEXT = 0;
const FORMAT_BINARY = 1;

/** What is sent of one statement. */
export interface WrittenStatement {
  /** Empty: unnamed, parsed anew each time. */
  readonly name: string;
  readonly text: string;
  readonly parse: boolean;
  readonly describe: boolean;
  readonly parameters: readonly Parameter[];
}

/** Text, bytes as they are, or NULL. */
export type Parameter = string | Uint8Array | null;

let buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
let at = 0;

/** The bytes of statements that are answered together: an error in one leaves out those behind it. */
export function writeBatch(statements: readonly WrittenStatement[]): Buffer {
  at = 0;
  try {
    for (const statement of statements) {
      if (statement.parse) writeParse(statement);
      writeBind(statement);
      if (statement.describe) put(DESCRIBE);
      put(EXECUTE);
    }
    put(SYNC);
    return Buffer.from(buffer.subarray(0, at));
  } finally {
    if (buffer.length > KEPT_BYTES) buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }
}

function writeParse({ name, text }: WrittenStatement): void {
  const length = begin(PARSE);
  putText(name);
  putText(text);
  putInt16(0); // PostgreSQL finds the types of the parameters
  end(length);
}

function writeBind({ name, parameters }: WrittenStatement): void {
  const length = begin(BIND);
  room(1);
  buffer[at++] = 0; // the unnamed portal
  putText(name);
  putInt16(parameters.length);
  for (const parameter of parameters) putInt16(typeof parameter === "object" ? FORMAT_BINARY : FORMAT_TEXT);
  putInt16(parameters.length);
  for (const parameter of parameters) putParameter(parameter);
  putInt16(1);
  putInt16(FORMAT_TEXT); // of the answers
  end(length);
}

function putParameter(parameter: Parameter): void {
  if (parameter === null) {
    putInt32(-1);
  } else if (typeof parameter === "string") {
    room(4 + parameter.length * UTF8_MAX_BYTES);
    const size = buffer.write(parameter, at + 4);
    buffer.writeInt32BE(size, at);
    at += 4 + size;
  } else {
    putInt32(parameter.length);
    put(parameter);
  }
}

/** @returns where the message's length is to be written */
function begin(code: number): number {
  room(HEADER_BYTES);
  buffer[at] = code;
  at += HEADER_BYTES;
  return at - 4;
}

function end(lengthAt: number): void {
  buffer.writeInt32BE(at - lengthAt, lengthAt);
}

function put(bytes: Uint8Array): void {
  room(bytes.length);
  buffer.set(bytes, at);
  at += bytes.length;
}

/** A text that ends with a zero byte: it holds none itself. */
function putText(text: string): void {
  room(text.length * UTF8_MAX_BYTES + 1);
  at += buffer.write(text, at);
  buffer[at++] = 0;
}

function putInt16(value: number): void {
  room(2);
  at = buffer.writeUInt16BE(value, at);
}

function putInt32(value: number): void {
  room(4);
  at = buffer.writeInt32BE(value, at);
}

function room(size: number): void {
  if (at + size <= buffer.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + size));
  larger.set(buffer.subarray(0, at));
  buffer = larger;
}
