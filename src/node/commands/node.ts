import { parseArgs } from "node:util";
import { directory } from "#infrastructure/directory";
import { trust as trustRoom } from "#infrastructure/trust";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { text } from "#lib/language/text";
import { readMembership } from "../../infrastructure/directory/network/rows.ts";
import { certificateRecords } from "../../infrastructure/trust/ports.ts";
import { type Command, type CommandIo, UsageError } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import {
  askToLeave,
  awaitAdmission,
  fetchFrom,
  foundDirectory,
  keyFingerprint,
  type MembershipPlace,
  type NodeDescription,
  sendJoining,
} from "../network/membership.ts";
import { issuer } from "../network/open-directory.ts";
import { nodeActOf } from "../node-act.ts";
import { type KernelPlace, onKernel } from "../on-kernel.ts";

const DEFAULT_WAIT_MINUTES = 60;
const WAIT_MINUTES_MAX = 7 * 24 * 60;

const one = { type: "string" } as const;
const OPTIONS = {
  ...{ above: one, code: one, name: one, "name-en": one, division: one, zone: one },
  ...{ exchange: one, site: one, wait: one, lang: one },
  room: { type: "string", multiple: true },
} as const;
type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

export const command: Command = {
  name: "node",
  usage:
    "found|join|leave|list|status [--above URL] [--code CODE --name NAME --division DIGITS --zone ZONE] [--exchange URL] [--site URL] [--room ROOM…] [--wait MINUTES]",
  summary: text(
    "建立节点目录（found）、加入上级节点的目录（join）、申请退出（leave）、列出节点（list）、查看本节点（status）",
    "Found a directory of nodes, join the one of a node above, ask to leave it, list its nodes, show this one",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
    const [what, ...surplus] = positionals;
    const act = { found, join, leave, list, status }[what as "found"];
    if (act === undefined || surplus.length > 0) throw new UsageError(text("请说明要做什么", "Say what is to be done"));
    const configuration = readConfiguration(io.environment, io.folder);
    const ground = { report: io.report, besideRunningNode: true, existingNode: true };
    return await onKernel(configuration, ground, async (place) => {
      const outcome = await act(place, values, io);
      await place.kernel.ledger.sequenceNow();
      return outcome;
    });
  },
};

async function found(place: KernelPlace, values: Values, io: CommandIo): Promise<ExitCode> {
  const { kernel, trust } = place;
  const member = await readMembership(place.database);
  if (member !== undefined) {
    io.report(
      text(
        `本节点已属于节点目录（${member.node}），未作任何更改`,
        `This node belongs to a directory already (${member.node}); nothing was changed`,
      ),
    );
    return EXIT_CODES.FAILED;
  }
  const description = describe(values, place, "000000");
  await trust.connect({
    ...{ authorityName: async () => undefined, demonstration: false },
    records: certificateRecords(frontOf(kernel, trustRoom, () => nodeActOf(kernel, trustRoom.id))),
  });
  await foundDirectory(placeOf(place), description, issuer(kernel));
  io.report(
    text(
      `节点目录已建立，本节点 ${description.code} 为中央节点；下次启动生效`,
      `The directory is founded and this node, ${description.code}, is its centre as of the next start`,
    ),
  );
  return EXIT_CODES.OK;
}

async function join(place: KernelPlace, values: Values, io: CommandIo): Promise<ExitCode> {
  const above = originOf(needed(values.above, "--above"), "--above");
  const minutes = Number(values.wait ?? DEFAULT_WAIT_MINUTES);
  if (!(minutes > 0 && minutes <= WAIT_MINUTES_MAX)) throw new UsageError(text("--wait 有误", "--wait is wrong"));
  const member = await readMembership(place.database);
  if (member !== undefined) {
    io.report(text(`本节点已加入目录（${member.node}）`, `This node belongs to a directory already (${member.node})`));
    if (member.above !== null) await fetchFrom(placeOf(place), member.above);
    return EXIT_CODES.OK;
  }
  const description = describe(values, place);
  const sent = await sendJoining(placeOf(place), description, above);
  io.print(`核对码 short code: ${sent.shortCode}`);
  for (const key of (await place.kernel.ledger.keysOfToday()).verifierKeys)
    io.print(`日志公钥指纹 log key: ${keyFingerprint(key)}`);
  io.report(
    text(
      "申请已送达。请用电话把核对码报给上级节点的管理员；两名工作人员办理后本节点即加入。可随时中断，再次运行会接着等待。",
      "The request has arrived. Read the short code out to the officials of the node above by telephone; two of them let this node in. You may interrupt: run again, it goes on waiting.",
    ),
  );
  const signal = AbortSignal.timeout(minutes * 60_000);
  try {
    const outcome = await awaitAdmission(placeOf(place), sent, { signal });
    if (!outcome.admitted) {
      io.report(text(`上级节点不同意加入：${outcome.reason}`, `The node above refused: ${outcome.reason}`));
      return EXIT_CODES.FAILED;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    io.report(
      text("还没有办理。申请仍在，请稍后再次运行。", "Not decided yet. The request stands; run this again later."),
    );
    return EXIT_CODES.FAILED;
  }
  io.report(text("已加入，下次启动生效", "Joined, as of the next start"));
  return EXIT_CODES.OK;
}

async function leave(place: KernelPlace, _values: Values, io: CommandIo): Promise<ExitCode> {
  const member = await readMembership(place.database);
  if (member === undefined || member.above === null) {
    io.report(
      member === undefined
        ? text(
            "本节点不属于任何节点目录，无需退出",
            "This node belongs to no directory of nodes: there is nothing to leave",
          )
        : text("本节点是目录的最上级，不能退出", "This node is the top of its directory and cannot leave it"),
    );
    return EXIT_CODES.FAILED;
  }
  await askToLeave(placeOf(place));
  io.report(
    text(
      "退出申请已送达上级节点。批准前本节点照常工作；请先把本节点保管的系统移交给其他节点。",
      "The node above knows that this one wants to leave. Until it agrees everything goes on; hand the rooms that this node keeps to others first.",
    ),
  );
  return EXIT_CODES.OK;
}

async function list({ kernel }: KernelPlace, _values: Values, io: CommandIo): Promise<ExitCode> {
  const listed = await frontOf(kernel, directory, () => nodeActOf(kernel, directory.id)).listNodes({});
  if (isRefusal(listed)) throw new UsageError(listed.text);
  for (const { code, name, division, zone, state, above, exchange, rooms } of listed.nodes) {
    io.print([code, division, zone, state, above ?? "-", exchange ?? "-", name.zh, name.en].join("  "));
    for (const { room, division: of } of rooms) io.print(`    ${room} ${of}`);
  }
  return EXIT_CODES.OK;
}

async function status({ kernel, database }: KernelPlace, _values: Values, io: CommandIo): Promise<ExitCode> {
  const member = await readMembership(database);
  if (member === undefined) {
    io.report(text("本节点不属于任何节点目录", "This node belongs to no directory of nodes"));
    return EXIT_CODES.OK;
  }
  const listed = await frontOf(kernel, directory, () => nodeActOf(kernel, directory.id)).listNodes({});
  if (isRefusal(listed)) throw new UsageError(listed.text);
  io.print(`${member.node}  ${member.division}  ${member.zone}  ${member.above ?? "-"}`);
  for (const { division, version, until, hasLapsed } of listed.parts) {
    io.print(`    ${division} v${version} ${until}${hasLapsed ? " !" : ""}`);
  }
  if (listed.problem === undefined) return EXIT_CODES.OK;
  io.report(text(`节点目录${listed.problem.zh}`, `The directory ${listed.problem.en}`));
  return EXIT_CODES.FAILED;
}

function describe(
  values: Values,
  { kernel }: KernelPlace,
  division = needed(values.division, "--division"),
): NodeDescription {
  const name = needed(values.name, "--name");
  if (values.zone !== undefined && values.zone !== kernel.zone) {
    throw new UsageError(
      text(
        `本节点在区域 ${kernel.zone}，首次启动时已定（ZHENGTONG_ZONE）`,
        `This node lives in the zone ${kernel.zone}, as settled at its first start (ZHENGTONG_ZONE)`,
      ),
    );
  }
  if (!/^\d{6}$/.test(division)) throw new UsageError(text("--division 应为六位数字", "--division has six digits"));
  return {
    ...{ code: needed(values.code, "--code"), division, zone: kernel.zone, rooms: values.room ?? [] },
    name: text(name, values["name-en"] ?? name),
    ...(values.exchange !== undefined && { exchange: originOf(values.exchange, "--exchange") }),
    ...(values.site !== undefined && { site: originOf(values.site, "--site") }),
  };
}

function needed(value: string | undefined, option: string): string {
  if (value === undefined || value === "") throw new UsageError(text(`请给出 ${option}`, `Give ${option}`));
  return value;
}

function originOf(written: string, option: string): string {
  const url = URL.parse(written);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "";
  if (!isOrigin)
    throw new UsageError(
      text(`${option} 应为网址，如 https://host:port`, `${option} is an address like https://host:port`),
    );
  return url.origin;
}

function placeOf({ kernel, database, trust }: KernelPlace): MembershipPlace {
  return { kernel, database, keys: trust.nodeKeys };
}
