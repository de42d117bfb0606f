import { text } from "#lib/language/text";
import type { Command } from "../command.ts";
import { runProgram } from "../program.ts";

export const command: Command = {
  name: "bench",
  usage: "[NAME…]",
  summary: text("测量性能，写入 docs/benchmarks.md", "Measure the figures and write docs/benchmarks.md"),
  run: (args) => runProgram("bench/run.ts", args),
};
