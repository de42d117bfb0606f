/**
 * Memory of the node's process (resident set, after a garbage collection): at rest after a first start with the demonstration county, and
 * after many whole cases. ZHENGTONG_BENCH_CASES says how many (default 1,000; the figure of the goal is 10,000).
 */
import { openLanes, readyDrafts, runCases } from "./county/cases.ts";
import { figure, startCountyNode } from "./county/county-node.ts";

const LANES = 8;
const CASES = Number(process.env["ZHENGTONG_BENCH_CASES"] ?? 1_000);
const PARTS = 4;
const REST_MS = 10_000;
const MIB = 1024 * 1024;

const node = await startCountyNode();
try {
  await rest();
  const atRest = await node.usage();
  figure("resident set at rest, after a first start", atRest.rss / MIB, "MiB", "≤ 250");
  figure("heap in use at rest", atRest.heapUsed / MIB, "MiB");
  const lanes = await openLanes(node.address, LANES);
  const heaps: number[] = [];
  let done = 0;
  for (let part = 1; part <= PARTS; part += 1) {
    const { times } = await runCases(lanes, await readyDrafts(lanes, CASES / PARTS));
    done += times.length;
    await rest();
    const { rss, heapUsed } = await node.usage();
    heaps.push(heapUsed / MIB);
    figure(`resident set after ${done.toLocaleString("en-US")} cases`, rss / MIB, "MiB");
    figure(`heap in use after ${done.toLocaleString("en-US")} cases`, heapUsed / MIB, "MiB");
  }
  const [first = 0, last = 0] = [heaps[0], heaps.at(-1)];
  figure("heap: last quarter against the first", last / first, "×", "≤ 1.1");
  for (const lane of lanes) {
    lane.owner.close();
    for (const official of lane.officials.values()) official.close();
  }
} finally {
  await node.stop();
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REST_MS));
}
