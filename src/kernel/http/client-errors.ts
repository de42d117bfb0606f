import type { Socket } from "node:net";

/** What Node calls what it could not read, with the status that says so. */
const STATUS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout"],
};
const WORDS =
  "请求无法读取：太大、太慢或格式不正确。未作任何更改。\nThis request could not be read: it was too big, too slow or not in the right form. Nothing was changed.\n";

/** Answers bytes that never became a request, with the headers that each answer carries, and closes the connection. */
export function answerUnreadable(
  error: Error & { code?: string },
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (socket.writable) {
    const [status, reason] = STATUS[error.code ?? ""] ?? [400, "Bad Request"];
    const head = {
      ...headers,
      "cache-control": "no-store",
      "content-type": "text/plain; charset=utf-8",
      "content-length": String(Buffer.byteLength(WORDS)),
      connection: "close",
    };
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${reason}\r\n${lines.join("")}\r\n${WORDS}`);
  }
  socket.destroySoon();
}
