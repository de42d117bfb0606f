/**
 * Whole licence cases over HTTP against a node of its own: from the applicant's signature to the sealed licence with its three PDF/A
 * notices delivered, eight cases at a time, the load made on the same machine. Each of the officials opens the case and the task, sends
 * the form and sees the page that follows. Filling in drafts is not measured.
 */
import { cpuUsage } from "node:process";
import { openLanes, readyDrafts, runCases } from "./county/cases.ts";
import { cpuMsBetween, figure, quantile, startCountyNode } from "./county/county-node.ts";

const LANES = 8;
const WARM_UP_CASES = 8;
const CASES = Number(process.env["ZHENGTONG_BENCH_CASES"] ?? 80);

const node = await startCountyNode(
  process.env["ZHENGTONG_BENCH_PROFILE"]
    ? ["--cpu-prof", `--cpu-prof-dir=${process.env["ZHENGTONG_BENCH_PROFILE"]}`]
    : [],
);
try {
  await node.nextCodes();
  const lanes = await openLanes(node.address, LANES);
  await runCases(lanes, await readyDrafts(lanes, WARM_UP_CASES));
  const drafts = await readyDrafts(lanes, CASES);
  const before = await node.usage();
  const aside = await node.aside();
  const own = cpuUsage();
  const { elapsedMs, times } = await runCases(lanes, drafts);
  const after = await node.usage();
  const asideAfter = await node.aside();
  const { user, system } = cpuUsage(own);
  figure("whole cases, 8 at a time", (times.length / elapsedMs) * 1_000, "/s", "≥ 5");
  const whole = times.map((parts) => [...parts.values()].reduce((sum, part) => sum + part, 0));
  figure("one case from signature to delivery, p50", quantile(whole, 0.5), "ms");
  figure("one case from signature to delivery, p99", quantile(whole, 0.99), "ms");
  for (const name of times[0]?.keys() ?? []) {
    figure(
      `  of it: ${name}, p50`,
      quantile(
        times.map((parts) => parts.get(name) ?? 0),
        0.5,
      ),
      "ms",
    );
  }
  figure("CPU of the node for one case", cpuMsBetween(before, after) / times.length, "ms");
  if (aside && asideAfter) {
    figure("CPU of PostgreSQL for one case", (asideAfter.postgresMs - aside.postgresMs) / times.length, "ms");
    figure("CPU of typesetting for one case", (asideAfter.typesettingMs - aside.typesettingMs) / times.length, "ms");
  }
  figure("CPU of the load for one case", (user + system) / 1_000 / times.length, "ms");
  for (const lane of lanes) {
    lane.owner.close();
    for (const official of lane.officials.values()) official.close();
  }
} finally {
  await node.stop();
}
