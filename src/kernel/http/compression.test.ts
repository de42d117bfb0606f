import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import Fastify from "fastify";
import { compressPages } from "./compression.ts";

const PAGE = `<!DOCTYPE html><p>${"清源县".repeat(1_000)}</p>`;

async function answerTo(accepted: string, type: string) {
  const server = Fastify();
  compressPages(server);
  server.get("/", (_request, reply) => reply.type(type).send(PAGE));
  const answer = await server.inject({ url: "/", headers: { "accept-encoding": accepted } });
  await server.close();
  return answer;
}

test("A page is compressed for whoever takes that", async () => {
  const zstd = await answerTo("gzip, deflate, br, zstd", "text/html; charset=utf-8");
  assert.equal(zstd.headers["content-encoding"], "zstd");
  assert.equal(zstdDecompressSync(zstd.rawPayload).toString("utf8"), PAGE);
  const gzip = await answerTo("gzip", "text/html; charset=utf-8");
  assert.equal(gzip.headers["content-encoding"], "gzip");
  assert.equal(gunzipSync(gzip.rawPayload).toString("utf8"), PAGE);
  assert.equal(Number(gzip.headers["content-length"]), gzip.rawPayload.length);
  assert.equal(gzip.headers.vary, "accept-encoding");
});

test("Others have it as it is, and what is no page is left alone", async () => {
  const plain = await answerTo("", "text/html; charset=utf-8");
  assert.equal(plain.headers["content-encoding"], undefined);
  assert.equal(plain.body, PAGE);
  assert.equal((await answerTo("gzip, zstd", "application/pdf")).headers["content-encoding"], undefined);
});
