/** `exchange call`: what is given on the command line, read; what came of it, printed. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { text as readStream } from "node:stream/consumers";
import { pino } from "pino";
import { PURPOSES, type Purpose } from "#kernel/system/act";
import { traced } from "#kernel/system/trace";
import { isUuid } from "#lib/crypto/uuid";
import { text } from "#lib/language/text";
import { type CommandIo, UsageError } from "./command.ts";
import { readConfiguration } from "./configuration.ts";
import { type CommandCaller, callFromCommandLine } from "./exchange-call.ts";
import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
import { onKernel } from "./on-kernel.ts";
import { readSecret } from "./secrets.ts";
import { openTracing } from "./tracing/open-tracing.ts";

const one = { type: "string" } as const;
export const CALL_OPTIONS = {
  ...{ as: one, "password-file": one, code: one, system: one },
  ...{ purpose: one, case: one, key: one },
} as const;
export type CallValues = { readonly [K in keyof typeof CALL_OPTIONS]?: string | undefined };

/** The input, in characters; the exchange takes no more of a call. */
const INPUT_MAX_CHARACTERS = 1024 * 1024;
const KEY_MAX_CHARACTERS = 200;

const USAGE = text(
  "请写明操作，如 population.findPerson；输入为 JSON 文件，“-”为标准输入，不写则为 {}",
  "Name the operation, such as population.findPerson; its input is a file of JSON, - for what is typed in, and {} where none is given",
);

export async function callOperation(
  io: CommandIo,
  [operation, file, ...surplus]: readonly string[],
  values: CallValues,
): Promise<ExitCode> {
  const [, room, name] = /^([a-z][a-z-]*)\.([a-z][A-Za-z]*)$/.exec(operation ?? "") ?? [];
  if (room === undefined || name === undefined || surplus.length > 0) throw new UsageError(USAGE);
  const about = { room, operation: name, purpose: purposeOf(values), caseId: caseOf(values), key: keyOf(values) };
  const caller = await callerOf(values, io);
  const input = await inputOf(file, io);
  const configuration = readConfiguration(io.environment, io.folder);
  const place = { report: io.report, besideRunningNode: true, existingNode: true, withNetwork: true };
  return onKernel(configuration, place, async ({ kernel, network }) => {
    const log = pino({ level: configuration.logLevel }, pino.destination(2));
    const endTracing = openTracing(configuration.tracing, { log, node: () => network?.nodes.membership?.node });
    try {
      const answer = await traced({ name: "exchange call" }, () =>
        callFromCommandLine(kernel, { ...about, caller, input }),
      );
      if ("problem" in answer) {
        io.report(answer.problem);
        return EXIT_CODES.FAILED;
      }
      io.print(JSON.stringify(answer));
      if (answer.refusal === undefined) return EXIT_CODES.OK;
      io.report(answer.refusal.text);
      return answer.refusal.code === "unavailable" ? EXIT_CODES.UNAVAILABLE : EXIT_CODES.REFUSED;
    } finally {
      await endTracing?.();
    }
  });
}

function purposeOf({ purpose }: CallValues): Purpose | undefined {
  const known = PURPOSES.find((each) => each === purpose);
  if (purpose === undefined || known !== undefined) return known;
  throw new UsageError(
    text(`--purpose 应为 ${PURPOSES.join("、")} 之一`, `--purpose is one of ${PURPOSES.join(", ")}`),
  );
}

function caseOf({ case: caseId }: CallValues): string | undefined {
  if (caseId === undefined || isUuid(caseId)) return caseId;
  throw new UsageError(text("--case 应为办件编号（uuid）", "--case is the id of a case (a uuid)"));
}

function keyOf({ key }: CallValues): string | undefined {
  if (key === undefined || (key.length > 0 && key.length <= KEY_MAX_CHARACTERS)) return key;
  throw new UsageError(
    text(`--key 为 1 至 ${KEY_MAX_CHARACTERS} 个字符`, `--key has 1 to ${KEY_MAX_CHARACTERS} characters`),
  );
}

/** A password is never an argument: every process of the machine could read it there. */
async function callerOf(values: CallValues, io: CommandIo): Promise<CommandCaller> {
  const { as: signInName, system, code, "password-file": passwordFile } = values;
  if (signInName !== undefined && system !== undefined) {
    throw new UsageError(text("--as 和 --system 只能用一个", "Give --as or --system, not both"));
  }
  if (system !== undefined) return { kind: "system", client: system };
  if (signInName === undefined) return { kind: "public" };
  if (passwordFile === undefined) {
    throw new UsageError(
      text(
        "用 --as 时请用 --password-file 给出口令所在的文件（仅本人可读）或描述符编号",
        "With --as, say by --password-file in which file (that its owner alone can read), or over which descriptor, the password comes",
      ),
    );
  }
  const named = /^\d$/.test(passwordFile) ? passwordFile : resolve(io.folder, passwordFile);
  const password = await readSecret({ named, credential: "" });
  return { kind: "account", signInName, password: password ?? "", code };
}

async function inputOf(file: string | undefined, io: CommandIo): Promise<unknown> {
  if (file === undefined) return {};
  const source = file === "-" ? await readStream(process.stdin) : await readFile(resolve(io.folder, file), "utf8");
  try {
    if (source.length <= INPUT_MAX_CHARACTERS) return JSON.parse(source);
  } catch {
    // What is no JSON is told as what it is.
  }
  throw new UsageError(text(`${file} 不是 JSON，或超过 1 MiB`, `${file} is no JSON, or longer than 1 MiB`));
}
