import { createReadStream, createWriteStream } from "node:fs";
import { extname, resolve } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { ImportFault } from "#kernel/registers/import-fault";
import { isUuid } from "#lib/crypto/uuid";
import { text } from "#lib/language/text";
import { type Command, type CommandIo, UsageError } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { type KernelPlace, onKernel } from "../on-kernel.ts";
import { exportRegister, historyOf, importRegister, type RegisterFormat, registerNamed } from "../register-files.ts";

export const command: Command = {
  name: "register",
  usage:
    "import REGISTER FILE|- | export REGISTER [FILE] | history REGISTER KEY | list  [--format ndjson|csv] [--skip-duplicates] [--as-of TIME]",
  summary: text(
    "登记簿的导入、导出和历史版本（NDJSON、CSV）",
    "Import and export a register, show the history of an entry (NDJSON, CSV)",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: "string" },
        "as-of": { type: "string" },
        "skip-duplicates": { type: "boolean", default: false },
      },
    });
    const [action, register, subject, ...surplus] = positionals;
    if (surplus.length > 0) throw new UsageError(WHAT);
    const run = (work: (place: KernelPlace) => Promise<ExitCode>) =>
      onKernel(
        readConfiguration(io.environment, io.folder),
        { report: io.report, besideRunningNode: true, existingNode: true },
        work,
      );
    const format = formatOf(values.format, subject);
    if (action === "list") return run((place) => list(place, io));
    if (register === undefined) throw new UsageError(WHAT);
    switch (action) {
      case "import":
        if (subject === undefined) throw new UsageError(text("请给出文件，或 -", "Name a file, or -"));
        return run((place) =>
          runImport(place, io, { register, file: subject, format, skip: values["skip-duplicates"] }),
        );
      case "export":
        return run((place) => runExport(place, io, { register, file: subject, format, asOf: values["as-of"] }));
      case "history":
        if (!isUuid(subject ?? ""))
          throw new UsageError(text("请给出条目的键（uuid）", "Give the entry's key, a uuid"));
        return run((place) => runHistory(place, io, { register, key: subject ?? "" }));
      default:
        throw new UsageError(WHAT);
    }
  },
};

const WHAT = text("请说明要对哪个登记簿做什么", "Say what to do with which register");

function formatOf(given: string | undefined, file: string | undefined): RegisterFormat {
  const format = given ?? (extname(file ?? "").toLowerCase() === ".csv" ? "csv" : "ndjson");
  if (format === "ndjson" || format === "csv") return format;
  throw new UsageError(text("格式应为 ndjson 或 csv", "The format is ndjson or csv"));
}

async function list({ kernel }: KernelPlace, io: CommandIo): Promise<ExitCode> {
  for (const [id, { declaration }] of kernel.registers)
    io.print(`${id}  ${declaration.title.zh}  ${declaration.title.en}`);
  return EXIT_CODES.OK;
}

async function runImport(
  { kernel }: KernelPlace,
  io: CommandIo,
  asked: { readonly register: string; readonly file: string; readonly format: RegisterFormat; readonly skip: boolean },
): Promise<ExitCode> {
  const store = registerNamed(kernel, asked.register);
  const bytes = asked.file === "-" ? process.stdin : createReadStream(resolve(io.folder, asked.file));
  try {
    const { imported, skipped, skippedLines } = await importRegister(kernel, {
      store,
      bytes,
      format: asked.format,
      duplicates: asked.skip ? "skip" : "refuse",
    });
    await kernel.ledger.sequenceNow();
    if (skipped > 0) io.print(`跳过的行 Lines skipped: ${skippedLines.join(", ")}`);
    io.report(text(`已导入 ${imported} 条，跳过 ${skipped} 条`, `${imported} entries imported, ${skipped} skipped`));
    return EXIT_CODES.OK;
  } catch (error) {
    if (!(error instanceof ImportFault)) throw error;
    for (const { line, path, problem } of error.problems) io.print(`${line}: ${path} ${problem}`);
    io.report(text("没有导入任何条目，请更正后重试", "Nothing was imported: correct the file and try again"));
    return EXIT_CODES.FAILED;
  }
}

async function runExport(
  { kernel }: KernelPlace,
  io: CommandIo,
  asked: {
    readonly register: string;
    readonly file: string | undefined;
    readonly format: RegisterFormat;
    readonly asOf: string | undefined;
  },
): Promise<ExitCode> {
  const { register, file, format } = asked;
  const asOf = asked.asOf === undefined ? kernel.now() : instant(asked.asOf);
  const lines = Readable.from(exportRegister(kernel, { store: registerNamed(kernel, register), format, asOf }));
  const out: Writable | undefined =
    file === undefined || file === "-" ? undefined : createWriteStream(resolve(io.folder, file), { mode: 0o600 });
  if (out === undefined) await pipeline(lines, io.stdout, { end: false });
  else await pipeline(lines, out);
  await kernel.ledger.sequenceNow();
  return EXIT_CODES.OK;
}

async function runHistory(
  { kernel }: KernelPlace,
  io: CommandIo,
  asked: { readonly register: string; readonly key: string },
): Promise<ExitCode> {
  const versions = await historyOf(kernel, registerNamed(kernel, asked.register), asked.key);
  for (const version of versions) io.print(JSON.stringify(version));
  if (versions.length > 0) return EXIT_CODES.OK;
  io.report(text("没有这个条目", "There is no such entry"));
  return EXIT_CODES.FAILED;
}

function instant(given: string): string {
  try {
    return Temporal.Instant.from(given).toString();
  } catch {
    throw new UsageError(text("时间应如 2026-01-31T00:00:00Z", "A time looks like 2026-01-31T00:00:00Z"));
  }
}
