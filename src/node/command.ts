import type { Writable } from "node:stream";
import type { Text } from "#lib/language/text";
import type { ExitCode } from "./exit-codes.ts";

/** One command of the command line: `export const command: Command` of its file. */
export interface Command {
  readonly name: string;
  /** After the name: "import REGISTER FILE". */
  readonly usage?: string;
  readonly summary: Text;
  /** @throws Fault, which the command line explains and turns into an exit code; UsageError */
  run(args: readonly string[], io: CommandIo): Promise<ExitCode>;
}

export interface CommandIo {
  /** Results; nothing else. */
  readonly stdout: Writable;
  /** Progress and messages. */
  readonly stderr: Writable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** Writes a line to stdout. */
  print(line: string): void;
  /** Writes a line about progress to stderr, in both languages. */
  report(progress: Text): void;
}

/** The command line was not understood; the command's usage is shown. */
export class UsageError extends Error {
  readonly explanation: Text;

  constructor(explanation: Text) {
    super(explanation.en);
    this.explanation = explanation;
  }
}
