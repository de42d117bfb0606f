import { text } from "#lib/language/text";
import type { Command } from "../command.ts";
import { runProgram } from "../program.ts";

export const command: Command = {
  name: "test",
  usage: "[--long] [PATH…]",
  summary: text("运行全部测试，或所给路径下的测试", "Run all tests, or those under the given paths"),
  run: (args) => runProgram("test/run.ts", args),
};
