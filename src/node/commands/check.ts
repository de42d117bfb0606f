import { text } from "#lib/language/text";
import type { Command } from "../command.ts";
import { runProgram } from "../program.ts";

export const command: Command = {
  name: "check",
  usage: "[PATH…]",
  summary: text(
    "运行测试中较快的部分：格式、类型、规则、单元测试",
    "Run the fast part of the tests: format, types, rules, units",
  ),
  run: (args) => runProgram("test/run.ts", ["--fast", ...args]),
};
