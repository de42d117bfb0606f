/**
 * Signed, authorised, logged calls between two nodes: a room of one asks a provider on the other, which reads one row of its own database.
 * Both nodes, PostgreSQL and the load share the machine. The peer is the same provider called directly (bare node:http, the same
 * row, nothing signed or logged) in the same run. Latency of one client alone is compared in alternating rounds. `ZHENGTONG_BENCH_SECONDS` sets a round's length.
 */
import { type ChildProcess, fork } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterAccount } from "../src/kernel/database/cluster/account.ts";
import { findBinaries } from "../src/kernel/database/cluster/binaries.ts";
import { initialiseCluster, startCluster } from "../src/kernel/database/cluster/cluster.ts";
import { openDatabase } from "../src/kernel/database/database.ts";
import { migrate } from "../src/kernel/database/migrations.ts";
import { migrateJobs } from "../src/kernel/jobs/jobs.ts";
import { generateEd25519, randomBytes } from "../src/kernel/random.ts";
import { toBase64 } from "../src/lib/crypto/base64url.ts";
import { pkcs8Of } from "../src/lib/crypto/keys.ts";
import { sm2Pkcs8Of } from "../src/lib/crypto/sm2/key-files.ts";
import { generateSm2Key, SM2_GENERATION_BYTES } from "../src/lib/crypto/sm2/keys.ts";
import { nodeOf } from "../src/lib/directory/testing.ts";
import { migrationSets } from "../src/node/migration-sets.ts";
import { type Identity, identityOf } from "../test/harness/exchange-nodes.ts";
import { figure, quantile } from "./county/county-node.ts";
import { ROWS } from "./exchange/rooms.ts";

const SECONDS = Number(process.env["ZHENGTONG_BENCH_SECONDS"] ?? 8);
const CLIENTS = 300;
const ROUNDS = 2;
const ALONE_REQUESTS = 300;

interface Place {
  readonly exchange: number;
  readonly front: string;
  readonly direct: string;
  readonly publicKey: string;
}

interface Usage {
  readonly cpu: { readonly user: number; readonly system: number };
  readonly rss: number;
  readonly state: unknown;
}

class Child {
  readonly #child: ChildProcess;

  constructor(settings: object) {
    this.#child = fork(join(import.meta.dirname, "exchange/node.ts"), [JSON.stringify(settings)], {
      execArgv: process.env["ZHENGTONG_BENCH_PROFILE"]
        ? ["--cpu-prof", `--cpu-prof-dir=${process.env["ZHENGTONG_BENCH_PROFILE"]}`]
        : [],
    });
  }

  next<T>(message?: object): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#child.once("message", (answer) => resolve(answer as T));
      this.#child.once("exit", () => reject(new Error("the node ended")));
      if (message) this.#child.send(message);
    });
  }

  tell(message: object): void {
    this.#child.send(message);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.send({ stop: true });
    await ended;
  }
}

/** One connection that sends a request, waits for its answer, and sends the next. Milliseconds of each. */
async function client(options: {
  readonly url: string;
  readonly request: (n: number) => string;
  readonly isOver: () => boolean;
  readonly first: number;
}): Promise<readonly number[]> {
  const { hostname, port } = new URL(options.url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const times: number[] = [];
  await new Promise<void>((resolve, reject) => {
    let began = 0;
    let n = options.first;
    let text = "";
    const send = () => {
      if (options.isOver()) {
        socket.destroy();
        resolve();
        return;
      }
      n = (n * 48_271) % 2_147_483_647;
      began = performance.now();
      socket.write(options.request(1 + (n % ROWS)));
    };
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("data", (part) => {
      text += part.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = /content-length: (\d+)/i.exec(text);
      const isWhole = length ? text.length >= head + 4 + Number(length[1]) : text.endsWith("0\r\n\r\n");
      if (!isWhole) return;
      if (!text.startsWith("HTTP/1.1 200")) return reject(new Error(text.slice(0, 500)));
      times.push(performance.now() - began);
      text = "";
      send();
    });
  });
  return times;
}

const askRequest = (id: number) => {
  const body = JSON.stringify({ id });
  return `POST /api/asker/v1/ask HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nzhengtong-purpose: public-information\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
};
const directRequest = (id: number) => `GET /${id} HTTP/1.1\r\nhost: a\r\n\r\n`;

async function load(url: string, request: (id: number) => string, seconds: number, clients = CLIENTS) {
  const until = performance.now() + seconds * 1000;
  const began = performance.now();
  const all = await Promise.all(
    Array.from({ length: clients }, (_, n) =>
      client({ url, request, first: 7 + n, isOver: () => performance.now() > until }),
    ),
  );
  const times = all.flat();
  return { times, rate: times.length / ((performance.now() - began) / 1000) };
}

/** One client's latencies, the two ways in turn. */
async function alone(ways: readonly (readonly [string, (id: number) => string])[]) {
  const times = ways.map(() => [] as number[]);
  for (let round = 0; round < 6; round++) {
    for (const [at, [url, request]] of ways.entries()) {
      let left = ALONE_REQUESTS / 6;
      times[at]?.push(...(await client({ url, request, first: 11 + round, isOver: () => left-- <= 0 })));
    }
  }
  return times.map((way) => quantile(way, 0.5));
}

async function withCluster<T>(work: (urlOf: (name: string) => string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-bench-exchange-"));
  await chmod(folder, 0o711);
  const account = await clusterAccount();
  const place = {
    account,
    folder: join(folder, "cluster"),
    binaries: await findBinaries(account, join(folder, "binaries")),
  };
  await initialiseCluster(place, randomBytes(16).toHex());
  const cluster = await startCluster(place, { settings: { max_connections: "100", shared_buffers: "256MB" } });
  try {
    return await work((name) => cluster.url(name));
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const LOG_BYTES = `SELECT sum(pg_total_relation_size(c.oid)) AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE nspname IN ('exchange', 'ledger') AND relkind = 'r'`;

const TABLE_BYTES = `SELECT nspname || '.' || relname AS name, pg_relation_size(c.oid) AS bytes FROM pg_class c
  JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN ('exchange', 'ledger') AND pg_relation_size(c.oid) > 100000 ORDER BY 2 DESC`;

async function measure(suite: "international" | "national", urlOf: (name: string) => string) {
  const sets = await migrationSets();
  const codes = ["centre", "county"] as const;
  await using main = await openDatabase({ url: urlOf("postgres") });
  const nodes: { code: string; name: string; identity: Identity; child: Child; place: Place }[] = [];
  for (const code of codes) {
    const name = `${code}_${suite}`;
    await main.execute(`CREATE DATABASE ${name}`);
    await using database = await openDatabase({ url: urlOf(name) });
    await migrate(database, sets);
    await migrateJobs(urlOf(name));
    if (code === "centre") {
      await database.execute("CREATE TABLE bench_row (id int PRIMARY KEY, value text NOT NULL)");
      await database.execute(
        `INSERT INTO bench_row SELECT n, repeat(md5(n::text), 3) FROM generate_series(1, ${ROWS}) n`,
      );
      await database.execute("ANALYZE bench_row");
    }
    const identity = await identityOf(code);
    const key =
      suite === "national" ? sm2Pkcs8Of(generateSm2Key(randomBytes(SM2_GENERATION_BYTES))) : pkcs8Of(generateEd25519());
    const child = new Child({ code, url: urlOf(name), tls: identity.tls, key: toBase64(key), suite });
    nodes.push({ code, name, identity, child, place: await child.next<Place>() });
  }
  const directory = nodes.map(({ code, identity, place }) =>
    nodeOf(code, code === "centre" ? "000000" : "990101", {
      exchange: `https://127.0.0.1:${place.exchange}`,
      certificates: [identity.fingerprint],
      signingKeys: [{ id: "key", suite, publicKey: place.publicKey }],
    }),
  );
  for (const { child } of nodes) child.tell({ directory });
  const [centre, county] = nodes;
  if (centre === undefined || county === undefined) throw new Error("two nodes");
  const usages = () => Promise.all(nodes.map(({ child }) => child.next<Usage>({ usage: true })));
  const logBytes = async (name: string) => {
    await using database = await openDatabase({ url: urlOf(name) });
    await database.execute("VACUUM ANALYZE");
    return Number((await database.query<{ bytes: string }>(LOG_BYTES))[0]?.bytes);
  };
  try {
    await load(county.place.front, askRequest, 2, 50);
    const logBefore = await Promise.all(nodes.map(({ name }) => logBytes(name)));
    const asked = [];
    const direct = [];
    const spent = nodes.map(() => 0);
    for (let round = 0; round < ROUNDS; round++) {
      const before = await usages();
      asked.push(await load(county.place.front, askRequest, SECONDS / ROUNDS));
      for (const [at, { cpu }] of (await usages()).entries()) {
        const earlier = before[at]?.cpu;
        spent[at] = (spent[at] ?? 0) + cpu.user + cpu.system - (earlier?.user ?? 0) - (earlier?.system ?? 0);
      }
      if (suite === "international") direct.push(await load(centre.place.direct, directRequest, SECONDS / ROUNDS / 2));
    }
    const logAfter = await Promise.all(nodes.map(({ name }) => logBytes(name)));
    const times = asked.flatMap((one) => one.times);
    const cpu = spent.map((one) => one / times.length);
    const log = nodes.map((_, at) => ((logAfter[at] ?? 0) - (logBefore[at] ?? 0)) / times.length);
    const rate = Math.max(...asked.map((one) => one.rate));
    if (process.env["ZHENGTONG_BENCH_DETAIL"]) {
      for (const { name } of nodes) {
        await using database = await openDatabase({ url: urlOf(name) });
        console.error(name, times.length, await database.query(TABLE_BYTES));
      }
      console.error({ cpu, log, state: JSON.stringify((await usages()).map(({ state }) => state)) });
    }
    return {
      ...{ rate, p99: quantile(times, 0.99), cpu, log: Math.max(...log) },
      ratio: direct.length === 0 ? 0 : rate / Math.max(...direct.map((one) => one.rate)),
      alone: await alone([
        [county.place.front, askRequest],
        [centre.place.direct, directRequest],
      ]),
    };
  } finally {
    for (const { child } of nodes) await child.stop();
  }
}

await withCluster(async (urlOf) => {
  const ours = await measure("international", urlOf);
  figure(`signed calls, ${CLIENTS} clients`, ours.rate, "/s", "≥ 3000");
  figure(`signed calls, ${CLIENTS} clients, p99`, ours.p99, "ms", "≤ 300");
  figure("signed calls against the provider called directly", ours.ratio, "×", "≥ 0.25");
  const [through = 0, direct = 0] = ours.alone;
  figure("one client, added latency over direct, median", through - direct, "ms", "≤ 3");
  figure("processor time of the asking node, per call", ours.cpu[1] ?? 0, "µs");
  figure("processor time of the answering node, per call", ours.cpu[0] ?? 0, "µs");
  figure("log growth per call and side, with indexes", ours.log, "B", "≤ 1000");
  const national = await measure("national", urlOf);
  figure(`signed calls in the national suite, ${CLIENTS} clients`, national.rate, "/s", "≥ 1500");
  figure(`signed calls in the national suite, ${CLIENTS} clients, p99`, national.p99, "ms");
});
