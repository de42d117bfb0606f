import { parseArgs } from "node:util";
import { text } from "#lib/language/text";
import type { Command } from "../command.ts";
import { runNode } from "../run-node.ts";
import { startNode } from "../serve.ts";

export const command: Command = {
  name: "start",
  summary: text("启动节点；首次启动时载入演示县", "Start the node; its first start loads the demonstration county"),
  async run(args, io) {
    parseArgs({ args: [...args], options: {} });
    return await runNode(async (configuration, report) => {
      const node = await startNode(configuration, { report, demonstration: true });
      report(text(`政通已就绪：${node.address}`, `Zhengtong is ready: ${node.address}`));
      return node;
    }, io);
  },
};
