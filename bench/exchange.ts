/**
 * Signed, authorised, logged calls between two nodes: a room of one asks a provider on the other, which reads one row of its own database.
 * Both nodes, PostgreSQL and the load share the machine. The peer is the same provider called directly (bare node:http, the same
 * row, nothing signed or logged) in the same run. Latency of one client alone is compared in alternating rounds. `ZHENGTONG_BENCH_SECONDS` sets a round's length.
 */
import { openDatabase } from "../src/kernel/database/database.ts";
import { figure, quantile } from "./county/county-node.ts";
import { askRequest, client, directRequest, startNodes, type Usage, withCluster } from "./exchange/two-nodes.ts";

const SECONDS = Number(process.env["ZHENGTONG_BENCH_SECONDS"] ?? 8);
const CLIENTS = 300;
const ROUNDS = 2;
const ALONE_REQUESTS = 300;

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

const LOG_BYTES = `SELECT sum(pg_total_relation_size(c.oid)) AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE nspname IN ('exchange', 'ledger') AND relkind = 'r'`;

const TABLE_BYTES = `SELECT nspname || '.' || relname AS name, pg_relation_size(c.oid) AS bytes FROM pg_class c
  JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN ('exchange', 'ledger') AND pg_relation_size(c.oid) > 100000 ORDER BY 2 DESC`;

async function measure(suite: "international" | "national", urlOf: (name: string) => string) {
  const { centre, county } = await startNodes(suite, urlOf);
  const nodes = [centre, county];
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
