import { createWriteStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { LONG_TRANSACTION_TIMEOUT_MS } from "#kernel/database/limits";
import type { Database } from "#kernel/database/sql";
import { isFault } from "#kernel/errors/fault";
import { readNote } from "#kernel/ledger/checkpoints";
import { checkEntry, INTACT, TAMPERED } from "#kernel/ledger/checks";
import { successionsFile } from "#kernel/ledger/successions";
import { evidenceOfCase, provedEvidence } from "#kernel/services/case-evidence";
import { caseByNumber } from "#kernel/services/case-views";
import { evidenceBytes } from "#kernel/services/evidence";
import type { Kernel } from "#kernel/system/kernel";
import { oddTimes } from "#kernel/witnessing/entry-times";
import { sha256Hex } from "#lib/crypto/digest";
import { isUuid } from "#lib/crypto/uuid";
import { text } from "#lib/language/text";
import { openCheckpointInTerm } from "#lib/merkle/succession";
import { checkLedgerTree } from "../backup/ledger-tree.ts";
import { certificateSource } from "../certificate-source.ts";
import { type Command, type CommandIo, UsageError } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { type KernelPlace, onKernel } from "../on-kernel.ts";

export const command: Command = {
  name: "ledger",
  usage:
    "verify [--checkpoint FILE]… | checkpoint | key | successions | export [--contents] FILE|- | bundle [--materials] CASE|ENTRY FILE|-",
  summary: text(
    "核验存证日志和各登记簿、输出检查点或公钥、导出日志、生成一个办件或一条记录的证据包",
    "Verify the ledger and the registers, print a checkpoint or the public key, export the log, bundle the evidence of a case or an entry",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        checkpoint: { type: "string", multiple: true, default: [] },
        contents: { type: "boolean", default: false },
        materials: { type: "boolean", default: false },
      },
    });
    const [action, ...rest] = positionals;
    const about = action === "bundle" ? rest.shift() : undefined;
    const [file, ...surplus] = rest;
    const wantsFile = action === "export" || (action === "bundle" && about !== undefined);
    if (surplus.length > 0 || (file !== undefined) !== wantsFile) throw new UsageError(USAGE);
    const run = (work: (place: KernelPlace) => Promise<ExitCode>) =>
      onKernel(
        readConfiguration(io.environment, io.folder),
        { report: io.report, besideRunningNode: true, existingNode: true },
        work,
      );
    switch (action) {
      case "verify": {
        const kept = await Promise.all(values.checkpoint.map((path) => readFile(resolve(io.folder, path), "utf8")));
        return run((place) => verify(place, io, kept));
      }
      case "checkpoint":
        return run(async ({ kernel }) => {
          await kernel.ledger.sequenceNow();
          io.stdout.write((await kernel.ledger.checkpoint())?.note ?? "");
          return EXIT_CODES.OK;
        });
      case "key":
        return run(async ({ kernel }) => {
          io.print((await kernel.ledger.keysOfToday()).verifierKey);
          return EXIT_CODES.OK;
        });
      case "successions":
        return run(async ({ kernel }) => {
          const { origin, verifierKey } = kernel.ledger;
          const { successions } = await kernel.ledger.keysOfToday();
          io.stdout.write(successionsFile({ origin, verifierKey, successions }));
          return EXIT_CODES.OK;
        });
      case "export":
        return run(async ({ kernel }) => {
          const lines = Readable.from(kernel.ledger.export({ contents: values.contents }));
          if (file === "-") await pipeline(lines, io.stdout, { end: false });
          else await pipeline(lines, createWriteStream(resolve(io.folder, file ?? ""), { mode: 0o600 }));
          return EXIT_CODES.OK;
        });
      case "bundle":
        return run((place) => bundle(place, io, { about: about ?? "", file: file ?? "", materials: values.materials }));
      default:
        throw new UsageError(USAGE);
    }
  },
};

const USAGE = text("请说明要对存证日志做什么", "Say what to do with the ledger");

/** Writes the bundle of evidence of a case (by its number or id) or of one entry (by its number). */
async function bundle(
  { kernel, database }: KernelPlace,
  io: CommandIo,
  { about, file, materials }: { readonly about: string; readonly file: string; readonly materials: boolean },
): Promise<ExitCode> {
  await kernel.ledger.sequenceNow();
  const made = await bundleOf(kernel, about, materials);
  if (made === undefined) {
    io.report(text(`没有这个办件或条目：${about}`, `There is no such case or entry: ${about}`));
    return EXIT_CODES.FAILED;
  }
  const bytes = evidenceBytes(made);
  await kernel.ledger.append(database, [
    {
      type: "export",
      at: kernel.now(),
      room: "ledger",
      operation: "bundle",
      actor: { kind: "node", id: "operator" },
      purpose: "administration",
      legalBasis: [],
      caseId: made.about.caseId,
      subjects: [],
      outcome: sha256Hex(bytes),
    },
  ]);
  if (file === "-") io.stdout.write(bytes);
  else await writeFile(resolve(io.folder, file), bytes, { mode: 0o600 });
  return EXIT_CODES.OK;
}

async function bundleOf(kernel: Kernel, about: string, materials: boolean) {
  if (/^\d{1,15}$/.test(about)) {
    const entryId = Number(about);
    if ((await kernel.ledger.entry(entryId)) === undefined) return undefined;
    return await provedEvidence(kernel, { about: { entryId }, entryIds: [entryId] });
  }
  const caseId = isUuid(about) ? about : await caseByNumber(kernel, about);
  return caseId === undefined
    ? undefined
    : await evidenceOfCase(kernel, caseId, certificateSource(kernel), { materials });
}

/** Times that contradict each other: nothing was changed, but a clock was wrong, or somebody wanted it to be. */
const ODD_TIME = {
  back: [
    "时间早于前面的条目：时钟曾被拨回",
    "earlier than an entry before it: the clock was turned back; the other says",
  ],
  "before-witness": ["时间早于见证，而见证时还没有这条", "earlier than a witness's signature on a log without it, of"],
  "after-witness": ["时间晚于见证，而见证时已有这条", "later than a witness's signature on a log with it, of"],
} as const;

/** Computes everything anew and names each row that is not as it was written. */
async function verify({ kernel, database }: KernelPlace, io: CommandIo, kept: readonly string[]): Promise<ExitCode> {
  await kernel.ledger.sequenceNow();
  const found = await kernel.ledger.verify();
  for (const { table, row, problem } of found.findings)
    io.print(`ledger.${table} ${row}  ${problem.zh}  ${problem.en}`);
  let tampered = found.findings.length;
  tampered += await compareWithKept({ kernel, database }, io, kept);
  for (const [id, store] of kernel.registers) {
    for await (const { key, recordedFrom, table } of store.damagedVersions(database)) {
      tampered += 1;
      io.print(`${id} ${table} ${key} ${recordedFrom}  该版本已被改动  This version was changed`);
    }
  }
  // Of leaves that were tampered with no time can be read.
  if (tampered === 0) await reportOddTimes(database, io);
  await enterCheck(kernel, io, tampered);
  io.report(
    text(
      `${found.size} 条、${found.checkpoints} 个检查点、${found.erased} 条内容已依法清除、${found.pending} 条待编号`,
      `${found.size} entries, ${found.checkpoints} checkpoints, ${found.erased} contents erased, ${found.pending} entries pending`,
    ),
  );
  if (tampered > 0) {
    io.report(text(`发现 ${tampered} 处改动`, `${tampered} rows were tampered with`));
    return EXIT_CODES.FAILED;
  }
  io.report(text("未发现改动", "Nothing was tampered with"));
  return EXIT_CODES.OK;
}

/**
 * That it was verified, and what came of it, is found by auditors like a verification in the workbench. The entry is added behind everything that was
 * looked at; where it cannot be, what was found is told all the same.
 */
async function enterCheck(kernel: Kernel, io: CommandIo, tampered: number): Promise<void> {
  const outcome = tampered === 0 ? INTACT : TAMPERED;
  try {
    await kernel.ledger.append(kernel.database, [
      checkEntry("verify", { at: kernel.now(), outcome, detail: { found: tampered } }),
    ]);
  } catch {
    io.report(text("核验结果未能记入日志", "What was found could not be entered in the ledger"));
  }
}

async function reportOddTimes(database: Database, io: CommandIo): Promise<void> {
  for (const { entryId, at, against, kind } of await oddTimes(database, { timeoutMs: LONG_TRANSACTION_TIMEOUT_MS })) {
    const [zh, en] = ODD_TIME[kind];
    io.print(`ledger.entry ${entryId}  ${at}  ${zh} ${against}  ${en} ${against}`);
  }
}

/** Checkpoints that were kept elsewhere: an operator who rewrote everything, signatures too, is seen by them alone. */
async function compareWithKept(
  { kernel, database }: Pick<KernelPlace, "kernel" | "database">,
  io: CommandIo,
  kept: readonly string[],
): Promise<number> {
  const terms = await kernel.ledger.keyTerms();
  let contradicted = 0;
  for (const note of kept) {
    const say = (zh: string, en: string) => {
      contradicted += 1;
      io.print(`checkpoint  ${zh}  ${en}`);
    };
    if (openCheckpointInTerm(note, terms) === undefined) {
      say("不是本日志签发的检查点", "This checkpoint was not signed by this log");
      continue;
    }
    try {
      await database.transaction((tx) => checkLedgerTree(tx, [note]), {
        timeoutMs: LONG_TRANSACTION_TIMEOUT_MS,
        readOnly: true,
      });
    } catch (error) {
      if (!isFault(error) || error.code !== "ERR_BACKUP_DAMAGED") throw error;
      const { size } = readNote(note);
      say(`日志与 ${size} 条时的检查点矛盾`, `The log contradicts the checkpoint of ${size} entries`);
    }
  }
  return contradicted;
}
