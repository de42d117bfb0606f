import { isFault } from "#kernel/errors/fault";
import { type Text, text } from "#lib/language/text";
import { type Command, type CommandIo, UsageError } from "./command.ts";
import { VARIABLES } from "./configuration.ts";
import { EXIT_CODES, type ExitCode, exitCodeOf, explain } from "./exit-codes.ts";
import { wrapped } from "./terminal-text.ts";

/** Loaded when they are called: `start` should not wait for what `backup` needs. */
const COMMANDS: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  start: () => import("./commands/start.ts"),
  upgrade: () => import("./commands/upgrade.ts"),
  init: () => import("./commands/init.ts"),
  account: () => import("./commands/account.ts"),
  host: () => import("./commands/host.ts"),
  node: () => import("./commands/node.ts"),
  demo: () => import("./commands/demo.ts"),
  country: () => import("./commands/country.ts"),
  register: () => import("./commands/register.ts"),
  ledger: () => import("./commands/ledger.ts"),
  exchange: () => import("./commands/exchange.ts"),
  keys: () => import("./commands/keys.ts"),
  trust: () => import("./commands/trust.ts"),
  verify: () => import("./commands/verify.ts"),
  witness: () => import("./commands/witness.ts"),
  contract: () => import("./commands/contract-from-openapi.ts"),
  contracts: () => import("./commands/contracts.ts"),
  migrate: () => import("./commands/migrate.ts"),
  backup: () => import("./commands/backup.ts"),
  restore: () => import("./commands/restore.ts"),
  ferry: () => import("./commands/ferry.ts"),
  doctor: () => import("./commands/doctor.ts"),
  check: () => import("./commands/check.ts"),
  test: () => import("./commands/test.ts"),
  bench: () => import("./commands/bench.ts"),
};

const HELP = new Set(["help", "--help", "-h", undefined]);

/** Runs one command and says how the process should end. Never throws. */
export async function runCommandLine(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (HELP.has(name)) {
    await printHelp(io);
    return EXIT_CODES.OK;
  }
  const load = COMMANDS[name ?? ""];
  if (load === undefined) {
    io.report(text(`没有命令“${name}”。可用：zhengtong help`, `There is no command "${name}". See: zhengtong help`));
    return EXIT_CODES.USAGE;
  }
  try {
    return await runCommand((await load()).command, rest, io);
  } catch (error) {
    return reportFailure(error, io);
  }
}

/** Runs a command and explains how it failed, if it did. Never throws. */
export async function runCommand(command: Command, args: readonly string[], io: CommandIo): Promise<ExitCode> {
  try {
    if (args.includes("--help") || args.includes("-h")) {
      io.print(`zhengtong ${usageOf(command)}\n\n${command.summary.zh}\n${command.summary.en}`);
      return EXIT_CODES.OK;
    }
    return await command.run(args, io);
  } catch (error) {
    if (!(error instanceof UsageError || isParseArgsError(error))) return reportFailure(error, io);
    io.report(error instanceof UsageError ? error.explanation : text(error.message, error.message));
    io.stderr.write(`zhengtong ${usageOf(command)}\n`);
    return EXIT_CODES.USAGE;
  }
}

function reportFailure(error: unknown, io: CommandIo): ExitCode {
  const { zh, en } = explain(error);
  io.stderr.write(`${zh}\n${en}\n`);
  const code = exitCodeOf(error);
  // A fault has words of its own; where the program broke off is of use for what nobody expected.
  if (code === EXIT_CODES.FAILED && error instanceof Error && !isFault(error))
    io.stderr.write(`${error.stack ?? ""}\n`);
  return code;
}

/** The terminal and the environment of this process. */
export function processIo(): CommandIo {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    folder: process.cwd(),
    print: (line) => void process.stdout.write(`${line}\n`),
    report: ({ zh, en }) => void process.stderr.write(`${zh}  ${en}\n`),
  };
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof TypeError && String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
}

function usageOf({ name, usage }: Command): string {
  return usage === undefined ? name : `${name} ${usage}`;
}

async function printHelp(io: CommandIo): Promise<void> {
  const commands = (await Promise.all(Object.values(COMMANDS).map((load) => load()))).map(({ command }) => command);
  const entry = (heading: string, { zh, en }: Text) => [
    ...wrapped(heading, { indent: 2, hanging: 2 }),
    ...wrapped(zh, { indent: 6 }),
    ...wrapped(en, { indent: 6 }),
  ];
  const lines = commands.flatMap((command) => entry(usageOf(command), command.summary));
  const variables = Object.entries(VARIABLES).flatMap(([name, words]) => entry(name, words));
  io.print(["zhengtong COMMAND", ...lines, "", "环境变量 Environment:", ...variables].join("\n"));
}
