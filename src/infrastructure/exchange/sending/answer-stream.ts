import type { Fields } from "#lib/http-signatures/signature-base";
import { FRAME_MAX_BYTES, HEAD_MAX_BYTES } from "../limits.ts";

/** One message of the stream. */
export interface StreamedMessage {
  readonly fields: Fields;
  readonly body: Uint8Array;
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const FIELD = /^([!#$%&'*+.^_`|~0-9a-z-]+):[ \t]*([\x20-\x7e\t]*?)[ \t]*$/i;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Cuts a stream of HTTP responses (`application/http`, RFC 9112 §10.2) into its messages. Each says its length; nothing is chunked. Between
 * messages empty lines say that the other side is there.
 */
export class AnswerStream {
  #rest: Buffer = Buffer.alloc(0);
  #needed = 0;

  /**
   * Takes what came, gives what is complete.
   * @throws SyntaxError when it is no such stream: then it is over
   */
  push(part: Buffer): readonly StreamedMessage[] {
    this.#rest = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part]);
    const messages: StreamedMessage[] = [];
    while (this.#rest.length > 0 && this.#rest.length >= this.#needed) {
      const message = this.#next();
      if (message === undefined) break;
      messages.push(message);
    }
    return messages;
  }

  #next(): StreamedMessage | undefined {
    let start = 0;
    while (this.#rest[start] === CR && this.#rest[start + 1] === LF) start += 2;
    if (start > 0) this.#rest = this.#rest.subarray(start);
    if (this.#rest.length === 0 || (this.#rest.length === 1 && this.#rest[0] === CR)) {
      this.#needed = 0;
      return undefined;
    }
    const end = this.#rest.indexOf(END_OF_HEAD);
    if (end < 0 || end > HEAD_MAX_BYTES) {
      if (this.#rest.length > HEAD_MAX_BYTES) throw new SyntaxError("a head without end");
      this.#needed = 0;
      return undefined;
    }
    const fields = readHead(this.#rest.toString("latin1", 0, end));
    const length = fields["content-length"] ?? "";
    if (!/^\d{1,8}$/.test(length) || Number(length) > FRAME_MAX_BYTES)
      throw new SyntaxError("a message without length");
    const bodyStart = end + END_OF_HEAD.length;
    const bodyEnd = bodyStart + Number(length);
    if (this.#rest.length < bodyEnd) {
      this.#needed = bodyEnd;
      return undefined;
    }
    const body = this.#rest.subarray(bodyStart, bodyEnd);
    this.#rest = this.#rest.subarray(bodyEnd);
    this.#needed = 0;
    return { fields, body };
  }
}

function readHead(text: string): Record<string, string> {
  const [status, ...lines] = text.split("\r\n");
  if (status !== "HTTP/1.1 200 OK") throw new SyntaxError("not an answer");
  const fields: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined || fields[name.toLowerCase()] !== undefined) {
      throw new SyntaxError("a field that is none, or stands twice");
    }
    fields[name.toLowerCase()] = value;
  }
  return fields;
}
