import type { Database } from "#kernel/database/sql";
import { text } from "../../src/lib/language/text.ts";
import { processIo, runCommand } from "../../src/node/command-line.ts";
import { runNode } from "../../src/node/run-node.ts";
import { startNode } from "../../src/node/serve.ts";
import { nextCodesComeAtOnce } from "../harness/next-codes.ts";

let database: Database | undefined;

/** A demonstration node in a process of its own, without the cases that a demonstration begins with: to be measured and to be killed. */
const command = {
  name: "start",
  summary: text("", ""),
  run: () =>
    runNode(async (configuration, report) => {
      const node = await startNode(configuration, { report, demonstration: true });
      database = node.site.kernel.database;
      report(text("就绪", `ready ${node.address}`));
      return node;
    }, processIo()),
};
process.on("message", async (asked) => {
  if (asked === "next-codes" && database !== undefined) {
    await nextCodesComeAtOnce(database);
    process.send?.("next-codes");
  }
  if (asked !== "usage") return;
  const cpu = process.cpuUsage(); // before the collection, which only the measuring asks for
  globalThis.gc?.();
  const collected = process.cpuUsage(cpu);
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const ms = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1_000;
  process.send?.({ rss, heapUsed, heapTotal, external, cpuMs: ms(cpu), collectedMs: ms(collected) });
});
process.exitCode = await runCommand(command, process.argv.slice(2), processIo());
if (process.connected) process.disconnect?.();
