/**
 * Memory of the node's process (after a garbage collection): at rest after a first start with the demonstration county, and after each
 * quarter of many whole cases, when the jobs that they left behind (archives) are done. ZHENGTONG_BENCH_CASES says how many
 * (default 1,000; the figure of the goal is 10,000: `ZHENGTONG_BENCH_CASES=10000 node bench/memory.ts`).
 */
import { openLanes, proveAgain, readyDrafts, runCases } from "./county/cases.ts";
import { type CountyNode, cpuMsBetween, figure, startCountyNode, type Usage } from "./county/county-node.ts";

const LANES = 8;
const CASES = Number(process.env["ZHENGTONG_BENCH_CASES"] ?? 1_000);
const PARTS = 4;
/** Drafts that are made ready at a time: what waits to be submitted is no part of the measure. */
const CASES_AT_A_TIME = 200;
/** Well before a proof of who one is has run out. */
const PROOF_MS = 15 * 60_000;
const MIB = 1024 * 1024;
/** A node that used less than a tenth of a processor for so long has nothing more to do. */
const QUIET_MS = 5_000;
const QUIET_SHARE = 0.1;
const QUIET_TIMEOUT_MS = 600_000;

const node = await startCountyNode();
try {
  const atRest = await rested(node);
  figure("resident set at rest, after a first start", atRest.rss / MIB, "MiB", "≤ 250");
  figure("heap in use at rest", atRest.heapUsed / MIB, "MiB");
  await node.nextCodes();
  const lanes = await openLanes(node.address, LANES);
  let provedAtMs = performance.now();
  const quarters: Usage[] = [];
  let done = 0;
  for (let part = 1; part <= PARTS; part += 1) {
    const until = Math.round((CASES * part) / PARTS);
    while (done < until) {
      if (performance.now() - provedAtMs > PROOF_MS) {
        await proveAgain(lanes);
        provedAtMs = performance.now();
      }
      const drafts = await readyDrafts(lanes, Math.min(CASES_AT_A_TIME, until - done));
      done += (await runCases(lanes, drafts)).times.length;
    }
    const usage = await rested(node);
    quarters.push(usage);
    const after = `after ${done.toLocaleString("en-US")} cases`;
    figure(`resident set ${after}`, usage.rss / MIB, "MiB");
    figure(`heap in use ${after}`, usage.heapUsed / MIB, "MiB");
    figure(`buffers outside of the heap ${after}`, usage.external / MIB, "MiB");
  }
  const [first, last] = [quarters[0], quarters.at(-1)];
  if (first && last) {
    figure("heap: last quarter against the first", last.heapUsed / first.heapUsed, "×", "≤ 1.1");
    figure("resident set: last quarter against the first", last.rss / first.rss, "×", "≤ 1.1");
  }
  for (const lane of lanes) {
    lane.owner.close();
    for (const official of lane.officials.values()) official.close();
  }
} finally {
  await node.stop();
}

/** What a node uses when it has done what it had to do. */
async function rested(county: CountyNode): Promise<Usage> {
  const deadline = performance.now() + QUIET_TIMEOUT_MS;
  let before = await county.usage();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const after = await county.usage();
    const busyMs = cpuMsBetween(before, after);
    if (busyMs < QUIET_MS * QUIET_SHARE || performance.now() > deadline) return after;
    before = after;
  }
}
