import { text } from "../../src/lib/language/text.ts";
import { processIo, runCommand } from "../../src/node/command-line.ts";
import { runNode } from "../../src/node/run-node.ts";
import { startNode } from "../../src/node/serve.ts";

/** A demonstration node in a process of its own, without the cases that a demonstration begins with: to be measured and to be killed. */
const command = {
  name: "start",
  summary: text("", ""),
  run: () =>
    runNode(async (configuration, report) => {
      const node = await startNode(configuration, { report, demonstration: true });
      report(text("就绪", `ready ${node.address}`));
      return node;
    }, processIo()),
};
process.on("message", (asked) => {
  if (asked !== "usage") return;
  const { user, system } = process.cpuUsage(); // before the collection, which only the measuring asks for
  globalThis.gc?.();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  process.send?.({ rss, heapUsed, heapTotal, external, cpuMs: (user + system) / 1_000 });
});
process.exitCode = await runCommand(command, process.argv.slice(2), processIo());
if (process.connected) process.disconnect?.();
