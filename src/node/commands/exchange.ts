import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { isUuid } from "#lib/crypto/uuid";
import { text } from "#lib/language/text";
import {
  EXCHANGE_EVIDENCE_FORMAT,
  type ExchangeEvidence,
  exchangeEvidence,
  joinedEvidence,
} from "../../infrastructure/exchange/evidence.ts";
import { CALL_OPTIONS, callOperation } from "../call-command.ts";
import { type Command, type CommandIo, UsageError } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { replayEvents, tailEvents } from "../event-lines.ts";
import { wholeCourse } from "../exchange-trace.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { onKernel } from "../on-kernel.ts";

/** A file of the other node is not longer. */
const EVIDENCE_MAX_CHARACTERS = 64 * 1024 * 1024;
const USAGE = text(
  "请说明要哪次操作的证据、写到哪个文件",
  "Say of which act the evidence is wanted, and into which file",
);

export const command: Command = {
  name: "exchange",
  usage:
    "call ROOM.OPERATION [FILE|-] [--as NAME --password-file FILE [--code DIGITS] | --system CLIENT] [--purpose PURPOSE] [--case CASE] [--key KEY] | trace ACT|TRACE | evidence ACT FILE|- [--with FILE] | tail [--follow] | replay SUBSCRIPTION [EVENT…]",
  summary: text(
    "调用一项操作（call，本节点或其他节点承载均可）；查看一次交换在各节点的经过（trace）；输出一次操作在节点之间调用的证据，可与另一方节点的文件合并（evidence）；查看事件（tail）；重新投递未送达的事件（replay）",
    "Call an operation, kept here or by another node (call); show the course of one exchange on all nodes (trace); write the evidence of an act's calls between nodes, joined with the other node's file where that is given (evidence); show events (tail); deliver dead letters again (replay)",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { with: { type: "string" }, follow: { type: "boolean", default: false }, ...CALL_OPTIONS },
    });
    if (positionals[0] === "call") return callOperation(io, positionals.slice(1), values);
    if (positionals[0] === "trace") return traceExchange(io, positionals.slice(1));
    if (positionals[0] === "tail" && positionals.length === 1) return tail(io, values.follow);
    if (positionals[0] === "replay") return replay(io, positionals.slice(1));
    const [action, act, file, ...surplus] = positionals;
    if (action !== "evidence" || act === undefined || file === undefined || surplus.length > 0) {
      throw new UsageError(USAGE);
    }
    if (!isUuid(act)) throw new UsageError(text(`不是操作编号：${act}`, `Not the number of an act: ${act}`));
    const other = values.with === undefined ? undefined : await readEvidence(resolve(io.folder, values.with));
    const configuration = readConfiguration(io.environment, io.folder);
    return onKernel(
      configuration,
      { report: io.report, besideRunningNode: true, existingNode: true },
      async ({ kernel }) => {
        await kernel.ledger.sequenceNow();
        const own = await exchangeEvidence(kernel, act);
        if (own === undefined) {
          io.report(text("本节点没有这次操作的交换记录", "This node exchanged nothing for that act"));
          return EXIT_CODES.FAILED;
        }
        const evidence = other === undefined ? own : joinedEvidence(own, other);
        const written = `${JSON.stringify(evidence, undefined, 2)}\n`;
        if (file === "-") io.stdout.write(written);
        else await writeFile(resolve(io.folder, file), written, { mode: 0o600 });
        return EXIT_CODES.OK;
      },
    );
  },
};

/** One line of JSON for each step, and what to think of it in words. */
function traceExchange(io: CommandIo, [wanted, ...surplus]: readonly string[]): Promise<ExitCode> {
  const isTrace = /^[0-9a-f]{32}$/.test(wanted ?? "");
  if (wanted === undefined || surplus.length > 0 || !(isTrace || isUuid(wanted))) {
    throw new UsageError(text("请给出操作编号或调用链编号", "Give the number of an act, or of a trace"));
  }
  const configuration = readConfiguration(io.environment, io.folder);
  const place = { report: io.report, ...PLACE, withNetwork: true };
  return onKernel(configuration, place, async ({ kernel }) => {
    const course = await wholeCourse(kernel, isTrace ? { trace: wanted } : { act: wanted });
    for (const step of course.steps) io.print(JSON.stringify(step));
    for (const { node, why } of course.silent) {
      io.report(
        text(
          `节点 ${node} 没有答复（${why}），只有本节点的记录`,
          `The node ${node} told nothing (${why}): only what this one knows is shown`,
        ),
      );
    }
    for (const one of course.disputed)
      io.report(text(`两个节点的记录不一致：${one}`, `The two nodes do not tell the same of ${one}`));
    if (course.steps.length === 0) {
      io.report(text("本节点没有这次交换的记录", "This node knows nothing of that exchange"));
      return EXIT_CODES.FAILED;
    }
    io.report(
      text(`双方记录一致的消息：${course.agreed}`, `Messages of which both sides tell the same: ${course.agreed}`),
    );
    if (course.trace !== undefined) io.report(text(`调用链编号 ${course.trace}`, `Trace ${course.trace}`));
    return course.disputed.length === 0 ? EXIT_CODES.OK : EXIT_CODES.FAILED;
  });
}

const PLACE = { besideRunningNode: true, existingNode: true } as const;

/** Until it is interrupted, where that is wanted. */
function tail(io: CommandIo, follow: boolean): Promise<ExitCode> {
  const configuration = readConfiguration(io.environment, io.folder);
  return onKernel(configuration, { report: io.report, ...PLACE }, async ({ database }) => {
    const stopping = new AbortController();
    const stop = () => stopping.abort();
    process.once("SIGINT", stop).once("SIGTERM", stop);
    await tailEvents(database, (line) => io.print(line), follow ? stopping.signal : undefined);
    return EXIT_CODES.OK;
  });
}

function replay(io: CommandIo, [subscription, ...named]: readonly string[]): Promise<ExitCode> {
  if (subscription === undefined || !isUuid(subscription) || !named.every(isUuid)) throw new UsageError(REPLAY_USAGE);
  const configuration = readConfiguration(io.environment, io.folder);
  return onKernel(configuration, { report: io.report, ...PLACE }, async ({ kernel }) => {
    const replayed = await replayEvents(kernel, subscription, named);
    if (typeof replayed !== "number") {
      io.report(replayed.text);
      return EXIT_CODES.FAILED;
    }
    io.print(JSON.stringify({ replayed }));
    return EXIT_CODES.OK;
  });
}

const REPLAY_USAGE = text(
  "请说明订阅的编号，可再列出事件的编号",
  "Say which subscription, and which events where not all",
);

/** The verifier judges it; here it is only held to be such a file. */
async function readEvidence(path: string): Promise<ExchangeEvidence> {
  const source = await readFile(path, "utf8");
  const value = source.length > EVIDENCE_MAX_CHARACTERS ? undefined : (JSON.parse(source) as ExchangeEvidence);
  if (value?.format === EXCHANGE_EVIDENCE_FORMAT && Array.isArray(value.sides)) return value;
  throw new UsageError(text(`不是交换证据文件：${path}`, `Not evidence of an exchange: ${path}`));
}
