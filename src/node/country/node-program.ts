/** The program of one node of the country: a node like any other, which is asked over a channel what people do elsewhere. */
import { connect } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { directory } from "#infrastructure/directory";
import { network } from "#infrastructure/network";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { provedEvidence } from "#kernel/services/case-evidence";
import { evidenceBytes } from "#kernel/services/evidence";
import type { PostRef, Principal } from "#kernel/system/act";
import type { System } from "#kernel/system/system";
import { type ExchangeEvidence, exchangeEvidence } from "../../infrastructure/exchange/evidence.ts";
import type { Configuration } from "../configuration.ts";
import { ensureDemonstration } from "../demonstration/ensure.ts";
import { exportPackage } from "../ferry/export-package.ts";
import { importPackage } from "../ferry/import-package.ts";
import { findParts } from "../ferry/part-files.ts";
import { awaitAdmission, foundDirectory, type MembershipPlace, sendJoining } from "../network/membership.ts";
import { issuer } from "../network/open-directory.ts";
import { nodeActOf } from "../node-act.ts";
import { restSoon } from "../run-node.ts";
import { type ServingNode, startNode } from "../serve.ts";
import type { Asked, ExchangedAct, NodeSetting, Question, Questions, Told } from "./ask.ts";
import { type CountryNode, INTRANET, ON_WIRE } from "./plan.ts";
import { shareOf } from "./share.ts";

const ADMISSION_TIMEOUT_MS = 60_000;
const ADMISSION_INTERVAL_MS = 100;
const EXCHANGES_MAX = 1_000;
/** Of one medium: small, so that a package has several. */
const MEDIA_BYTES = 4_000;
const REDUNDANCY_PERCENT = 50;
const REACH_TIMEOUT_MS = 3_000;

/** What a program has beside that of the product: for tests. */
export interface OwnProgram {
  /** The rooms of the node; those of this version where absent. */
  readonly rooms?: readonly System[];
  /** Its clock, ISO 8601 UTC. */
  readonly now?: () => string;
  readonly callTimeoutMs?: number;
  /** Answers to further questions. */
  readonly further?: (node: ServingNode) => Readonly<Record<string, (asked: never) => Promise<unknown>>>;
}

const setting = JSON.parse(process.argv[2] ?? "{}") as NodeSetting;
const plan = [...ON_WIRE, INTRANET].find(({ code }) => code === setting.code);
let node: ServingNode;
let further: ReturnType<NonNullable<OwnProgram["further"]>> = {};

const tell = (told: Told) => process.send?.(told);

/** Starts the node that the first argument describes, and answers until it is told to stop. */
export async function runCountryNode(own: OwnProgram = {}): Promise<void> {
  if (plan === undefined) throw new RangeError(`no node ${setting.code} in the plan`);
  // Whoever started this process is gone: nobody would stop it any more.
  process.once("disconnect", () => process.exit(1));
  node = await start(plan, own);
  further = own.further?.(node) ?? {};
  restSoon();
  tell({ kind: "ready", address: node.address });
  process.on("message", (message) => void answer(message as Asked));
}

async function start({ zone, rooms, name }: CountryNode, own: OwnProgram): Promise<ServingNode> {
  const { place, databaseUrl, dataFolder } = setting;
  const { host, port, exchangePort, edgePort } = place;
  const configuration: Configuration = {
    ...{ host, port, dataFolder, databaseUrl, zone },
    ...{ publicUrl: setting.reached?.site, trustProxy: false, logLevel: "warn" },
    ...(zone !== "intranet" && { exchange: { host, port: exchangePort } }),
    ...(plan?.hasEdge === true && { edge: { host, port: edgePort, name: "localhost" } }),
  };
  const log = pino({ level: configuration.logLevel, base: { node: setting.code } }, pino.destination(2));
  const report = (words: { zh: string; en: string }) => void tell({ kind: "progress", words });
  return await startNode(configuration, {
    ...{ report, log, name, demonstration: true, cases: false },
    ...(own.rooms && { rooms: own.rooms }),
    ...(own.now && { now: own.now }),
    ...(own.callTimeoutMs !== undefined && { callTimeoutMs: own.callTimeoutMs }),
    // The county's accounts ask the province who is alive: it loads once it belongs to the directory.
    load: async (site) => {
      const isLater =
        rooms.includes("identity") &&
        (await site.kernel.database.query("SELECT FROM directory.membership")).length === 0;
      return isLater ? undefined : await ensureDemonstration(site, report, () => shareOf(plan as CountryNode));
    },
  });
}

const ANSWERS: { readonly [Q in Question]: (asked: Questions[Q]["asked"]) => Promise<Questions[Q]["answer"]> } = {
  async found() {
    await foundDirectory(place(), described(), issuer(node.site.kernel));
    await node.network.nodes.soon();
    return null;
  },
  join: ({ above }) => sendJoining(place(), described(), above),
  async admit({ sent }) {
    const [administrator, approver] = ["admin", "admin2"].map(official);
    if (administrator === undefined || approver === undefined) throw new RangeError("no officials");
    const { items } = granted(await (await administrator).listJoinings({}));
    const joining = items.find(({ digest }) => digest === sent.digest);
    if (joining === undefined) throw new RangeError("the request did not arrive");
    const { id } = joining;
    if (joining.status === "received") {
      granted(await (await administrator).proposeJoining({ id, shortCode: sent.shortCode, reason: "演示：电话核对" }));
    }
    granted(await (await approver).decideJoining({ id, decision: "approve", reason: "演示：同意" }));
    await node.network.nodes.soon();
    return null;
  },
  async enter({ sent }) {
    const signal = AbortSignal.timeout(ADMISSION_TIMEOUT_MS);
    const outcome = await awaitAdmission(place(), sent, { signal, intervalMs: ADMISSION_INTERVAL_MS });
    if (!outcome.admitted) throw new RangeError(`refused: ${outcome.reason}`);
    await node.network.nodes.soon();
    return null;
  },
  async load() {
    const report = (words: { zh: string; en: string }) => void tell({ kind: "progress", words });
    const facts = await ensureDemonstration(node.site, report, () => shareOf(plan as CountryNode));
    restSoon();
    return facts;
  },
  async look() {
    await node.network.nodes.soon();
    return (node.network.nodes.view()?.nodes() ?? []).map(({ code }) => code);
  },
  async act({ as, room, operation, input }) {
    const { kernel } = node.site;
    const principal = await principalOf(as);
    const key = kernel.newId();
    const act = { ...nodeActOf(kernel, room), principal, idempotencyKey: key };
    return granted(await kernel.perform(act, { room, operation, input }));
  },
  async count({ room, register }) {
    const store = node.site.kernel.registers.get(`${room}.${register}`);
    if (store === undefined) throw new RangeError(`no register ${room}.${register}`);
    const table = `${room.replaceAll("-", "_")}.${register.replaceAll(/[A-Z]/g, (one) => `_${one.toLowerCase()}`)}`;
    const [row] = await node.site.kernel.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${table}`,
    );
    return row?.count ?? 0;
  },
  async exchanges() {
    return await node.site.kernel.database.query<ExchangedAct>(
      `SELECT call.act, array_agg(DISTINCT frame.peer) AS peers, count(*)::int AS calls
       FROM exchange.call JOIN exchange.frame ON frame.id = call.frame
       GROUP BY call.act ORDER BY max(call.entry) DESC LIMIT $1`,
      [EXCHANGES_MAX],
    );
  },
  async evidence({ acts }) {
    const { kernel } = node.site;
    await kernel.ledger.sequenceNow();
    const files: ExchangeEvidence[] = [];
    for (const act of acts) {
      const file = await exchangeEvidence(kernel, act);
      if (file === undefined) throw new RangeError(`nothing was exchanged for ${act}`);
      files.push(file);
    }
    return files;
  },
  async keys() {
    const listed = node.network.nodes.view()?.nodes() ?? [];
    return listed.map(({ code, signingKeys, logKeys, cosigningKeys = [] }) => ({
      ...{ node: code, messages: signingKeys.map(({ publicKey }) => publicKey), log: [...logKeys] },
      cosigning: [...cosigningKeys],
    }));
  },
  async bundle({ entry }) {
    const made = await provedEvidence(node.site.kernel, { about: { entryId: entry }, entryIds: [entry] });
    return Buffer.from(evidenceBytes(made)).toString("utf8");
  },
  async card() {
    const { kernel } = node.site;
    const ferry = frontOf(kernel, network, () => nodeActOf(kernel, network.id));
    granted(await ferry.openFerry({}));
    return granted(await ferry.ownCard({})).card;
  },
  async export({ package: id }) {
    const folder = join(setting.dataFolder, "media", id);
    const media = { folder, mediaBytes: MEDIA_BYTES, redundancyPercent: REDUNDANCY_PERCENT };
    return granted(await exportPackage(node.site.kernel, id, media)).paths;
  },
  async import({ paths }) {
    const outcomes = [];
    for (const parts of await findParts(paths)) {
      const { outcome, arrival } = await importPackage(node.site.kernel, parts);
      outcomes.push({ outcome, arrival });
    }
    return outcomes;
  },
  reach: ({ addresses }) => Promise.all(addresses.map(reach)),
  memory: async () => process.memoryUsage.rss(),
  async stop() {
    await node.stop();
    return null;
  },
};

async function answer({ number, question, asked }: Asked): Promise<void> {
  try {
    const doing = ({ ...further, ...ANSWERS } as Record<string, (asked: never) => Promise<unknown>>)[question];
    if (doing === undefined) throw new RangeError(`no question ${question}`);
    const told: Told = { kind: "answer", number, answer: await doing(asked as never) };
    process.send?.(told, () => {
      if (question === "stop") process.exit(0);
    });
  } catch (error) {
    tell({ kind: "failed", number, why: error instanceof Error ? `${error.message} ${error.stack}` : String(error) });
  }
}

function place(): MembershipPlace {
  const { kernel } = node.site;
  return { kernel, database: kernel.database, keys: node.nodeKeys };
}

function described() {
  const { code, name, zone, division, rooms } = plan as CountryNode;
  const { host, exchangePort } = setting.place;
  const { site = node.address, exchange = `https://${host}:${exchangePort}` } = setting.reached ?? {};
  const reached = zone === "intranet" ? { site } : { site, exchange };
  return { code, name, zone, division, rooms: [...rooms, ...setting.rooms], exchange: undefined, ...reached };
}

function reach(address: string): Promise<string> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: REACH_TIMEOUT_MS });
    const over = (word: string) => {
      socket.destroy();
      resolve(word);
    };
    socket.once("connect", () => over("connected"));
    socket.once("timeout", () => over("ETIMEDOUT"));
    socket.once("error", (error: NodeJS.ErrnoException) => over(error.code ?? error.message));
  });
}

/** The doors of the directory, as an official who signs in here would have them. */
async function official(signInName: string) {
  const { kernel } = node.site;
  const principal = await principalOf(signInName);
  return frontOf(kernel, directory, () => ({ ...nodeActOf(kernel, directory.id), principal }));
}

/** An official in the post that he holds today. */
async function principalOf(signInName: string): Promise<Principal> {
  const { kernel } = node.site;
  const id = shareOf(plan as CountryNode).county.offices.bySignInName.get(signInName) ?? "";
  const own = frontOf(kernel, directory, () => nodeActOf(kernel, directory.id));
  const [held] = granted(await own.postsOf({ official: id })).items;
  if (held === undefined) throw new RangeError(`${signInName} holds no post`);
  const { authority, authorityName, division, duties, title } = held;
  const post: PostRef = { id: held.id, title, authority, authorityName, division, duties };
  return { kind: "official", id, post, assurance: 3 };
}

function granted<T>(outcome: T | Refusal): T {
  if (isRefusal(outcome)) throw new RangeError(`${outcome.room}: ${outcome.code} ${outcome.text.en}`);
  return outcome;
}
