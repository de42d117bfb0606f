import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { text } from "#lib/language/text";
import type { Command, CommandIo } from "../command.ts";
import { verifyEvidence, writeEvidence } from "../demo/evidence.ts";
import { walkJourney } from "../demo/journey.ts";
import { type Step, StepFault, stepTaker } from "../demo/progress.ts";
import { startTemporaryNode, type TemporaryNode } from "../demo/temporary-node.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { onStopSignal } from "../stop-signals.ts";

export const command: Command = {
  name: "demo",
  usage: "[--json] [--out FOLDER] [--keep]",
  summary: text(
    "演示：五个人在临时节点上办成一张食品经营许可证，再独立核验",
    "The main job without hands: five people get a licence on a temporary node; it is then verified independently",
  ),
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean", default: false },
        out: { type: "string" },
        keep: { type: "boolean", default: false },
      },
    });
    const folder =
      values.out === undefined ? await mkdtemp(join(tmpdir(), "zhengtong-demo-")) : resolve(io.folder, values.out);
    try {
      const shown = await demonstrate(folder, { ...values, io });
      if (values.json) io.print(JSON.stringify(shown));
      else summarise(shown, folder, io);
      return EXIT_CODES.OK;
    } catch (error) {
      if (!(error instanceof StepFault)) throw error;
      const { who, what, cause } = error;
      io.report(text(`✗ ${who.zh}：${what.zh}`, `${who.en} ${what.en}`));
      io.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
      return EXIT_CODES.FAILED;
    }
  },
};

/** Starts a node, walks the journey, has everything verified, and puts the node away, whatever happened. */
async function demonstrate(
  folder: string,
  { io, json, keep }: { readonly io: CommandIo; readonly json: boolean; readonly keep: boolean },
) {
  const began = performance.now();
  const { step, steps } = stepTaker((done) => (json ? io.stderr.write(`${lineOf(done)}\n`) : io.print(lineOf(done))));
  const node = text("节点", "Node");
  let starting: Promise<TemporaryNode> | undefined;
  // Also when it is told to stop while the node still starts: nothing stays behind.
  const put = async () => {
    const away = await starting?.catch(() => undefined);
    starting = undefined;
    await (keep ? away?.keep() : away?.discard());
  };
  const removeHandlers = onStopSignal({
    stop: async () => {
      await put();
      process.exit(EXIT_CODES.INTERRUPTED);
    },
    force: () => process.exit(EXIT_CODES.INTERRUPTED),
  });
  try {
    const temporary = await step(
      node,
      text("启动临时节点，装入演示县", "starts, with the demonstration county"),
      () => {
        starting = startTemporaryNode(json ? () => undefined : io.report);
        return starting;
      },
    );
    const { address, demonstration } = temporary.node;
    const outcome = await walkJourney({
      ...{ address, step, password: demonstration?.password ?? "" },
      nameOf: (name) => demonstration?.signIns.find(({ signInName }) => signInName === name)?.name ?? name,
    });
    const anyone = text("任何人", "Anyone");
    const taking = text("取得根证书、日志公钥和检查点", "takes the root certificate, the log's key and a checkpoint");
    const { files, checkpoint } = await step(anyone, taking, () => writeEvidence(folder, address, outcome));
    const checking = text(
      "用独立的核验工具核验证照、电子证照、决定书和存证凭证",
      "has licence, credential, decision and receipts checked by the stand-alone verifier",
    );
    const verified = await step(anyone, checking, () => verifyEvidence(folder, files, outcome.licenceNumber));
    const { dataFolder } = temporary;
    return {
      steps,
      caseNumber: outcome.caseNumber,
      licenceNumber: outcome.licenceNumber,
      files,
      checkpoint,
      verified,
      ms: Math.round(performance.now() - began),
      ...(keep && { dataFolder }),
    };
  } finally {
    removeHandlers();
    await put();
  }
}

const MS_WIDTH = 7;

function lineOf({ who, what, ms }: Step): string {
  return `${String(ms).padStart(MS_WIDTH)} ms  ${who.zh}：${what.zh}  ${who.en} ${what.en}`;
}

function summarise(shown: Awaited<ReturnType<typeof demonstrate>>, folder: string, io: CommandIo): void {
  const { steps, licenceNumber, caseNumber, verified, ms, dataFolder } = shown;
  io.print(`\n许可证编号 Licence: ${licenceNumber}    办件 Case: ${caseNumber}`);
  io.print(`${verified.length} 份文件独立核验有效 files verified independently    ${folder}`);
  io.print(`${steps.length} 步 steps, ${(ms / 1000).toFixed(1)} s`);
  if (dataFolder !== undefined) io.print(`ZHENGTONG_DATA=${dataFolder} npm start`);
}
