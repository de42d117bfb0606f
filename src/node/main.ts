import type { CommandIo } from "./command.ts";
import { runCommandLine } from "./command-line.ts";

/** Where the launcher hands over: one command, then the end. */

const io: CommandIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  folder: process.cwd(),
  print: (line) => void process.stdout.write(`${line}\n`),
  report: ({ zh, en }) => void process.stderr.write(`${zh}  ${en}\n`),
};

process.exitCode = await runCommandLine(process.argv.slice(2), io);
