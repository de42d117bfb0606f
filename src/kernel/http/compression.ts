import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import type { FastifyInstance } from "fastify";

/** Below this, a page fits into the first packets anyway. */
const MIN_BYTES = 1_024;
/** Quick rather than small: a page is made for one reader and sent once. */
const GZIP_LEVEL = 4;
const ZSTD_LEVEL = 3;

/**
 * Compresses pages for whoever takes that. A form's token is masked anew in each page (`form-token.ts`), so that its length tells
 * nothing about the token (BREACH); session cookies are no part of a page.
 */
export function compressPages(server: FastifyInstance): void {
  server.addHook("onSend", async (request, reply, payload) => {
    if (typeof payload !== "string" || payload.length < MIN_BYTES) return payload;
    if (!/^text\/html\b/.test(String(reply.getHeader("content-type")))) return payload;
    reply.header("vary", "accept-encoding");
    const accepted = request.headers["accept-encoding"] ?? "";
    const encoding = /\bzstd\b/.test(accepted) ? "zstd" : /\bgzip\b/.test(accepted) ? "gzip" : undefined;
    if (encoding === undefined) return payload;
    reply.header("content-encoding", encoding);
    return encoding === "zstd"
      ? zstdCompressSync(payload, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } })
      : gzipSync(payload, { level: GZIP_LEVEL });
  });
}
