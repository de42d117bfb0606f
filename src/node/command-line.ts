import { text } from "#lib/language/text";
import { type Command, type CommandIo, UsageError } from "./command.ts";
import { VARIABLES } from "./configuration.ts";
import { EXIT_CODES, type ExitCode, exitCodeOf, explain } from "./exit-codes.ts";

/** Loaded when they are called: `start` should not wait for what `backup` needs. */
const COMMANDS: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  migrate: () => import("./commands/migrate.ts"),
  backup: () => import("./commands/backup.ts"),
  restore: () => import("./commands/restore.ts"),
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
    const { command } = await load();
    if (rest.includes("--help") || rest.includes("-h")) {
      io.print(`zhengtong ${usageOf(command)}\n\n${command.summary.zh}\n${command.summary.en}`);
      return EXIT_CODES.OK;
    }
    return await command.run(rest, io);
  } catch (error) {
    return await reportFailure(error, name ?? "", io);
  }
}

async function reportFailure(error: unknown, name: string, io: CommandIo): Promise<ExitCode> {
  if (error instanceof UsageError || isParseArgsError(error)) {
    const command = await COMMANDS[name]?.();
    io.report(error instanceof UsageError ? error.explanation : text(error.message, error.message));
    if (command !== undefined) io.stderr.write(`zhengtong ${usageOf(command.command)}\n`);
    return EXIT_CODES.USAGE;
  }
  const { zh, en } = explain(error);
  io.stderr.write(`${zh}\n${en}\n`);
  const code = exitCodeOf(error);
  if (code === EXIT_CODES.FAILED && error instanceof Error) io.stderr.write(`${error.stack ?? ""}\n`);
  return code;
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof TypeError && String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
}

function usageOf({ name, usage }: Command): string {
  return usage === undefined ? name : `${name} ${usage}`;
}

async function printHelp(io: CommandIo): Promise<void> {
  const commands = await Promise.all(Object.values(COMMANDS).map(async (load) => (await load()).command));
  const width = Math.max(...commands.map((command) => usageOf(command).length));
  const lines = commands.map((each) => `  ${usageOf(each).padEnd(width)}  ${each.summary.zh} ${each.summary.en}`);
  const variables = Object.entries(VARIABLES).map(([name, { zh, en }]) => `  ${name.padEnd(width)}  ${zh} ${en}`);
  io.print(["zhengtong COMMAND", ...lines, "", "环境变量 Environment:", ...variables].join("\n"));
}
