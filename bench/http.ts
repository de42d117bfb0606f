/**
 * Portal pages at 50 requests a second, sent on schedule from a second process whether or not earlier ones were answered (open loop), for
 * a stranger and for someone signed in; time from when a request was due until its last byte. The peer is a bare Fastify that sends one
 * constant page at the same rate. The bytes of a first view are what crosses the wire with its styles, scripts and pictures.
 */

import { brotliDecompressSync, gunzipSync } from "node:zlib";
import Fastify from "fastify";
import { apply, ITEM, signedIn } from "../test/adversarial/licence-walk.ts";
import { RawClient } from "../test/adversarial/raw-client.ts";
import { figure, quantile, startCountyNode } from "./county/county-node.ts";

const RATE_PER_SECOND = 50;
const SECONDS = Number(process.env["ZHENGTONG_BENCH_SECONDS"] ?? 20);
const WARM_UP_SECONDS = 3;

/** Sends requests when they are due. Milliseconds from due to answered. */
async function openLoop(client: RawClient, paths: readonly string[], seconds: number): Promise<readonly number[]> {
  const times: number[] = [];
  const began = performance.now();
  const pending: Promise<void>[] = [];
  for (let sent = 0; sent < seconds * RATE_PER_SECOND; sent += 1) {
    const dueAt = began + (sent * 1_000) / RATE_PER_SECOND;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const path = paths[sent % paths.length] ?? "/";
    // A timer that is late is the load's fault, not the node's.
    const from = Math.max(dueAt, performance.now() - 2);
    pending.push(
      client.send(path).then(({ status }) => {
        if (status !== 200) throw new Error(`${path}: ${status}`);
        times.push(performance.now() - from);
      }),
    );
  }
  await Promise.all(pending);
  return times;
}

async function measured(name: string, client: RawClient, paths: readonly string[], goal?: "≤ 25") {
  await openLoop(client, paths, WARM_UP_SECONDS);
  const times = await openLoop(client, paths, SECONDS);
  figure(`${name}, p50`, quantile(times, 0.5), "ms");
  figure(`${name}, p99`, quantile(times, 0.99), "ms", goal);
  return quantile(times, 0.5);
}

/** What a browser with an empty cache would fetch for a page, as it crosses the wire. */
async function firstViewBytes(client: RawClient, path: string): Promise<number> {
  const headers = { "accept-encoding": "br, gzip" };
  const page = await client.send(path, { headers });
  const encoding = page.headers["content-encoding"];
  const body =
    encoding === "br" ? brotliDecompressSync(page.bytes) : encoding === "gzip" ? gunzipSync(page.bytes) : page.bytes;
  const wanted = new Set(body.toString("utf8").match(/(?<=(?:src|href)=")\/assets\/[^"]+/g));
  let bytes = page.bytes.length;
  for (const asset of wanted) bytes += (await client.send(asset, { headers })).bytes.length;
  return bytes;
}

const node = await startCountyNode(
  process.env["ZHENGTONG_BENCH_PROFILE"]
    ? ["--cpu-prof", `--cpu-prof-dir=${process.env["ZHENGTONG_BENCH_PROFILE"]}`]
    : [],
);
const peer = Fastify();
peer.get("/", (_request, reply) => reply.type("text/html; charset=utf-8").send("<!DOCTYPE html>".padEnd(8_000, "x")));
try {
  const owner = await signedIn(node.address, "owner");
  const caseId = await apply(owner);
  const stranger = new RawClient(node.address);
  for (const client of [owner, stranger]) client.compressed = true;
  const ours = await measured("public pages", stranger, ["/", "/services", ITEM, "/sign-in"], "≤ 25");
  await measured("pages of someone signed in", owner, ["/my", "/my/cases", `/cases/${caseId}`], "≤ 25");
  const plain = new RawClient(await peer.listen({ host: "127.0.0.1", port: 0 }));
  const theirs = await measured("a bare Fastify's constant page", plain, ["/"]);
  figure("public pages against the bare Fastify, p50", ours / theirs, "×");
  const pages = ["/", "/services", ITEM, "/sign-in"];
  const sizes = await Promise.all(pages.map((path) => firstViewBytes(stranger, path)));
  figure("largest first view of a public page", Math.max(...sizes) / 1_000, "kB", "≤ 60");
  figure("first view of a case", (await firstViewBytes(owner, `/cases/${caseId}`)) / 1_000, "kB", "≤ 60");
  for (const client of [owner, stranger, plain]) client.close();
} finally {
  await peer.close();
  await node.stop();
}
