import { parseArgs } from "node:util";
import { text } from "#lib/language/text";
import type { Command, CommandIo } from "../command.ts";
import type { DemonstrationFacts } from "../demonstration/ensure.ts";
import { runNode } from "../run-node.ts";
import { startNode } from "../serve.ts";
import { predecessor } from "../succession.ts";

export const command: Command = {
  name: "start",
  summary: text("启动节点；首次启动时载入演示县", "Start the node; its first start loads the demonstration county"),
  async run(args, io) {
    parseArgs({ args: [...args], options: {} });
    return await runNode(async (configuration, report) => {
      const node = await startNode(configuration, {
        ...{ report, demonstration: true, cases: true, predecessor: predecessor() },
      });
      if (node.demonstration) printSignIns(node.demonstration, io);
      report(text(`政通已就绪：${node.site.publicUrl}`, `Zhengtong is ready: ${node.site.publicUrl}`));
      report(text("按 Ctrl-C 停止", "Press Ctrl-C to stop"));
      return node;
    }, io);
  },
};

function printSignIns({ signIns, password }: DemonstrationFacts, io: CommandIo): void {
  const width = Math.max(...signIns.map(({ signInName }) => signInName.length));
  io.print("\n演示登录（虚构数据）  Demonstration sign-ins (synthetic data)\n");
  for (const { signInName, name, role } of signIns) {
    io.print(`  ${signInName.padEnd(width)}  ${name}  ${role.zh}  ${role.en}`);
  }
  io.print(`\n  密码  Password: ${password}`);
  io.print(
    "  验证码  Code: 签名或决定时，页面会显示演示验证码  shown on the page that asks for it, when you sign or decide\n",
  );
}
