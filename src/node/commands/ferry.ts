import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { network } from "#infrastructure/network";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { Kernel } from "#kernel/system/kernel";
import type { FerryOutcome } from "#lib/ferry/receipt";
import { type Text, text } from "#lib/language/text";
import { type Command, type CommandIo, UsageError } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { doCalls } from "../ferry/do-calls.ts";
import { exportPackage } from "../ferry/export-package.ts";
import { importPackage } from "../ferry/import-package.ts";
import { findParts } from "../ferry/part-files.ts";
import { nodeActOf } from "../node-act.ts";
import { onKernel } from "../on-kernel.ts";

const MIB = 1024 * 1024;
/** A compact disc. */
const DEFAULT_MEDIA_MIB = "650";
const DEFAULT_REDUNDANCY = "20";
const MEDIA_MIB_MAX = 1_000_000;
const REDUNDANCY_MAX = 200;

type Work = (kernel: Kernel, io: CommandIo, given: Given) => Promise<ExitCode>;

interface Given {
  readonly rest: readonly string[];
  readonly to: string | undefined;
  readonly from: string | undefined;
  readonly mediaMib: number;
  readonly redundancyPercent: number;
}

export const command: Command = {
  name: "ferry",
  usage:
    "card [--to FILE] | export PACKAGE --to FOLDER [--media-mb N] [--redundancy PERCENT] | import PATH… | receipt FILE --from NODE",
  summary: text(
    "区域间摆渡：出示本节点的卡；把已放行的包写到介质；从介质读入；登记回执",
    "The ferry between zones: show this node's card; put a released package on media; read one from media; take a receipt",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        to: { type: "string" },
        from: { type: "string" },
        "media-mb": { type: "string", default: DEFAULT_MEDIA_MIB },
        redundancy: { type: "string", default: DEFAULT_REDUNDANCY },
      },
    });
    const [what = "", ...rest] = positionals;
    const work = WORKS[what];
    if (work === undefined) throw new UsageError(text("请说明要办什么", "Say what is to be done"));
    const given: Given = {
      ...{ rest, to: values.to, from: values.from },
      mediaMib: numberIn(values["media-mb"], 1, MEDIA_MIB_MAX),
      redundancyPercent: numberIn(values.redundancy, 0, REDUNDANCY_MAX),
    };
    const configuration = readConfiguration(io.environment, io.folder);
    return await onKernel(configuration, { report: io.report, besideRunningNode: true }, async ({ kernel }) => {
      const code = await work(kernel, io, given);
      await kernel.ledger.sequenceNow();
      return code;
    });
  },
};

const WORKS: Readonly<Record<string, Work>> = { card, export: write, import: read, receipt };

function doorsOf(kernel: Kernel) {
  return frontOf(kernel, network, () => nodeActOf(kernel, network.id));
}

async function card(kernel: Kernel, io: CommandIo, { to }: Given): Promise<ExitCode> {
  const doors = doorsOf(kernel);
  const opened = await doors.openFerry({});
  const own = isRefusal(opened) ? opened : await doors.ownCard({});
  if (isRefusal(own)) return refused(own.text, io);
  if (to === undefined) io.print(own.card);
  else await writeFile(resolve(io.folder, to), `${own.card}\n`);
  const groups = own.fingerprint.match(/.{4}/g)?.join(" ") ?? "";
  io.report(
    text(`指纹，请与对方当面或电话核对：${groups}`, `Fingerprint, to be compared with the other side: ${groups}`),
  );
  return EXIT_CODES.OK;
}

async function write(
  kernel: Kernel,
  io: CommandIo,
  { rest, to, mediaMib, redundancyPercent }: Given,
): Promise<ExitCode> {
  const [id] = rest;
  if (id === undefined || to === undefined) {
    throw new UsageError(text("请给出包的编号和写到哪里（--to）", "Name the package, and where to write it (--to)"));
  }
  const media = { folder: resolve(io.folder, to), mediaBytes: mediaMib * MIB, redundancyPercent };
  const written = await exportPackage(kernel, id, media);
  if (isRefusal(written)) return refused(written.text, io);
  for (const path of written.paths) io.print(path);
  io.report(
    text(
      `第 ${written.sequence} 号包，送往 ${written.to}：共 ${written.paths.length} 份，最多可缺 ${written.spare} 份`,
      `Package ${written.sequence} to ${written.to}: ${written.paths.length} parts, of which ${written.spare} may be lost`,
    ),
  );
  return EXIT_CODES.OK;
}

async function read(kernel: Kernel, io: CommandIo, { rest }: Given): Promise<ExitCode> {
  if (rest.length === 0) throw new UsageError(text("请给出介质上的文件或目录", "Name files or folders of the media"));
  // What an earlier run was stopped before.
  await doCalls(kernel);
  const found = await findParts(rest.map((one) => resolve(io.folder, one)));
  if (found.length === 0) {
    return refused(text("没有找到摆渡包的任何部分", "No part of a package was found"), io);
  }
  let code: ExitCode = EXIT_CODES.OK;
  // Media may hold several packages of one sender: the earlier ones first.
  for (const parts of found.toSorted((one, other) => one.head.sequence - other.head.sequence)) {
    const imported = await importPackage(kernel, parts);
    const words = OUTCOME_WORDS[imported.outcome];
    io.print(`${imported.package}  ${imported.from} #${imported.sequence}  ${words.zh}  ${words.en}`);
    if (imported.outcome !== "accepted") code = EXIT_CODES.FAILED;
  }
  const done = await doCalls(kernel);
  if (done > 0) io.report(text(`已办理 ${done} 项`, `${done} calls were done`));
  return code;
}

async function receipt(kernel: Kernel, io: CommandIo, { rest, from }: Given): Promise<ExitCode> {
  const [file] = rest;
  if (file === undefined || from === undefined) {
    throw new UsageError(
      text("请给出回执文件和对方节点（--from）", "Name the file of the receipt, and the node that gave it (--from)"),
    );
  }
  const doors = doorsOf(kernel);
  const partners = await doors.listPartners({});
  if (isRefusal(partners)) return refused(partners.text, io);
  const partner = partners.items.find(({ node, state }) => node === from && state === "confirmed");
  if (partner === undefined)
    return refused(text(`没有对方节点 ${from}`, `There is no node ${from} on the other side`), io);
  const written = await readFile(resolve(io.folder, file), "utf8");
  const taken = await doors.takeReceipt({ partner: partner.id, receipt: written });
  if (isRefusal(taken)) return refused(taken.text, io);
  const words = OUTCOME_WORDS[taken.outcome];
  io.print(`#${taken.sequence}  ${words.zh}  ${words.en}`);
  return taken.outcome === "accepted" ? EXIT_CODES.OK : EXIT_CODES.FAILED;
}

function refused(why: Text, io: CommandIo): ExitCode {
  io.report(why);
  return EXIT_CODES.FAILED;
}

function numberIn(written: string, least: number, most: number): number {
  const value = Number(written);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(
    text(`应为 ${least} 至 ${most} 的整数：${written}`, `Not a number from ${least} to ${most}: ${written}`),
  );
}

const OUTCOME_WORDS: Readonly<Record<FerryOutcome, Text>> = {
  accepted: text("已接收", "accepted"),
  replayed: text("拒收：重复的包", "refused: it came before"),
  "out-of-order": text("拒收：前一个包尚未收到", "refused: an earlier package is missing"),
  incomplete: text("拒收：缺损过多，请补齐其余部分后重读", "refused: too much is missing; bring the other parts"),
  altered: text("拒收：内容被改动", "refused: it was altered"),
  "not-for-us": text("拒收：不是送给本节点的", "refused: it is for another node"),
  "unknown-sender": text("拒收：不认识的来源", "refused: its sender is not known here"),
  "not-released": text("拒收：没有两名工作人员的有效签名", "refused: two officials have not signed it"),
  "not-allowed": text("拒收：内容不允许进入本区域", "refused: what is in it may not come here"),
};
