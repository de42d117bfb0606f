/** What the country must do by itself: the licence across its nodes, a foreign system's call, plugs that are pulled, a ferry. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { type Text, text } from "#lib/language/text";
import { joinedEvidence } from "../../infrastructure/exchange/evidence.ts";
import { newConnectionKey, selfSigned } from "../../infrastructure/trust/keys/self-signed.ts";
import { type VerifiedFile, verifyEvidence, writeEvidence } from "../demo/evidence.ts";
import { type JourneyOutcome, walkJourney } from "../demo/journey.ts";
import type { TakeStep } from "../demo/progress.ts";
import { VisitFault, Visitor } from "../demo/visitor.ts";
import { EDGE_CERTIFICATE_FILE } from "../edge.ts";
import { runVerifier } from "../verifier.ts";
import { type AskedElsewhere, askElsewhere } from "./asked-elsewhere.ts";
import type { Country } from "./country.ts";
import { checkApart, type FoundApart } from "./isolation.ts";
import { CITY, COUNTY, INTRANET, PROVINCE } from "./plan.ts";
import type { NodePlace } from "./wires.ts";
import { verifyWitnessed, type Witnessed } from "./witnessed.ts";

const SERVICE = "/services/quality/foodBusinessLicence";
const SHOP = "清源县翠竹小吃店";
const FOREIGN_CODE = "91990101MA0000001X";
const ANSWER_TIMEOUT_MS = 30_000;
/** Acts whose evidence is judged, of each of the two nodes. */
const EVIDENCE_MAX = 100;
const PULLED_AFTER = "accepts; a site check is needed";

export interface CheckOptions {
  readonly country: Country;
  /** Where the evidence is written. */
  readonly folder: string;
  readonly step: TakeStep;
}

export interface CheckOutcome {
  /** Entries of each register, by node: each has one source. */
  readonly registers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly licence: { readonly number: string; readonly case: string };
  /** By the other node: what the county asked of it, alike on both records, and how many acts the verifier judged. */
  readonly exchanges: Readonly<
    Record<string, { readonly acts: number; readonly calls: number; readonly verified: number }>
  >;
  readonly pulled: readonly string[];
  /** What an official of the county asked of the province, from her own workbench. */
  readonly asked: AskedElsewhere;
  readonly foreign: { readonly client: string; readonly status: number };
  readonly ferry: { readonly media: number; readonly lost: number; readonly outcome: string; readonly receipt: string };
  readonly verified: readonly VerifiedFile[];
  /** One act under a checkpoint that another node vouched for. */
  readonly witnessed: Witnessed;
  /** What came of trying to leave the intranet and to enter it; absent where all nodes share one loopback. */
  readonly apart?: FoundApart;
}

/** Does all of it. Throws, with what was said, at the first thing that does not go as it should. */
export async function checkCountry(options: CheckOptions): Promise<CheckOutcome> {
  const registers = await countRegisters(options);
  const apart = await checkApart(options);
  const pulled: string[] = [];
  await pullProvince(options, pulled);
  const outcome = await licence(options, pulled);
  const exchanges = await compareRecords(options);
  const foreign = await foreignCall(options, outcome);
  const asked = await askElsewhere(options);
  const ferry = await ferryCrossing(options);
  const verified = await verify(options, outcome);
  const witnessed = await verifyWitnessed(options, Number([...outcome.receipts.keys()].at(-1)));
  return {
    ...{ registers, pulled, exchanges, asked, foreign, ferry, verified, witnessed },
    ...(apart && { apart }),
    licence: { number: outcome.licenceNumber, case: outcome.caseNumber },
  };
}

/** Population at the province, organizations at the city, nothing of either at the county. */
export async function countRegisters({ country, step }: CheckOptions): Promise<CheckOutcome["registers"]> {
  const wanted = [
    ["population", "person", PROVINCE.code],
    ["legal-entities", "organization", CITY.code],
  ] as const;
  return await step(
    text("检查人员", "Inspector"),
    text("核对每项数据只在一处", "finds each datum in one place"),
    async () => {
      const counts: Record<string, Record<string, number>> = {};
      for (const [room, register, keeper] of wanted) {
        const byNode: Record<string, number> = {};
        for (const code of [PROVINCE.code, CITY.code, COUNTY.code]) {
          byNode[code] = await country.node(code).ask("count", { room, register });
          const isRight = code === keeper ? byNode[code] > 0 : byNode[code] === 0;
          if (!isRight) throw new Error(`${code} has ${byNode[code]} entries of ${room}.${register}`);
        }
        counts[`${room}.${register}`] = byNode;
      }
      return counts;
    },
  );
}

/** Without the province the county says what it cannot do now, keeps working, and goes on when the province is back. */
async function pullProvince({ country, step }: CheckOptions, pulled: string[]): Promise<void> {
  const operator = text("断电", "A power cut");
  await step(operator, text("省节点被强行终止（kill -9）", "kills the province's node (-9)"), () =>
    country.node(PROVINCE.code).kill(),
  );
  const owner = text("经营者", "Shop owner");
  await step(owner, text("得知暂时不能办理，什么也没有丢失", "is told that it cannot be done just now"), async () => {
    const visitor = new Visitor(country.node(COUNTY.code).address);
    const { password } = country.facts(COUNTY.code);
    const said = await saidWithout(async () => {
      await visitor.open("/");
      await visitor.follow(/^\/sign-in\b/);
      await visitor.submit(/^\/sign-in$/, { signInName: "owner", password });
      await visitor.open(`${SERVICE}/start`);
      await visitor.press({ action: /\/start$/ }, SHOP);
    });
    if (said === undefined) throw new Error("the county found the facts without the province that keeps them");
  });
  await step(operator, text("省节点恢复", "is over; the province's node is back"), () =>
    country.restart(PROVINCE.code),
  );
  pulled.push(PROVINCE.code);
}

/** What a page says that cannot give what was asked for; undefined where it could. */
async function saidWithout(doing: () => Promise<void>): Promise<string | undefined> {
  try {
    await doing();
    return undefined;
  } catch (error) {
    if (error instanceof VisitFault || error instanceof Error) return error.message;
    throw error;
  }
}

/** The foundation's licence, its facts from two other nodes; in the middle the county's own node loses its power. */
async function licence({ country, step }: CheckOptions, pulled: string[]): Promise<JourneyOutcome> {
  const { code } = COUNTY;
  const { password, signIns } = country.facts(code);
  let isPulled = false;
  const pulling: TakeStep = async (who, what, doing) => {
    const done = await step(who, what, doing);
    if (!isPulled && what.en === PULLED_AFTER) {
      isPulled = true;
      await step(
        text("断电", "A power cut"),
        text("县节点被强行终止后恢复", "kills the county's node, which comes back"),
        async () => {
          await country.node(code).kill();
          await country.restart(code);
        },
      );
      pulled.push(code);
    }
    return done;
  };
  const outcome = await walkJourney({
    ...{ address: country.node(code).address, password, step: pulling },
    nameOf: (name) => signIns.find(({ signInName }) => signInName === name)?.name ?? name,
  });
  if (!isPulled) throw new Error("nobody pulled the county's plug: the journey has other steps");
  return outcome;
}

/** Both sides have the same calls on their record, and what they can prove of them is judged off line by the stand-alone verifier. */
export async function compareRecords(options: CheckOptions): Promise<CheckOutcome["exchanges"]> {
  const { country, step } = options;
  const inspector = text("检查人员", "Inspector");
  return await step(
    inspector,
    text("离线核验两端的交换证据", "verifies off line what both sides can prove"),
    async () => {
      const county = await country.node(COUNTY.code).ask("exchanges", {});
      const compared: Record<string, { acts: number; calls: number; verified: number }> = {};
      for (const peer of [PROVINCE.code, CITY.code]) {
        const there = new Map((await country.node(peer).ask("exchanges", {})).map((one) => [one.act, one]));
        // An act that asked both stands on three records: its halves are not compared by two of them.
        const shared = county.filter(({ peers }) => peers.length === 1 && peers[0] === peer);
        const missing = shared.find(({ act, calls }) => there.get(act)?.calls !== calls);
        if (missing !== undefined) throw new Error(`${peer} tells other calls of ${missing.act} than the county`);
        if (shared.length === 0) throw new Error(`the county asked nothing of ${peer}`);
        const acts = shared.slice(0, EVIDENCE_MAX).map(({ act }) => act);
        const verified = await verifyExchanges(options, peer, acts);
        const calls = shared.reduce((sum, one) => sum + one.calls, 0);
        compared[peer] = { acts: shared.length, calls, verified };
      }
      return compared;
    },
  );
}

/**
 * Has the stand-alone verifier judge what county and peer can prove together of acts; gives of how many.
 * @throws Error where one is not valid
 */
export async function verifyExchanges(
  { country, folder }: Pick<CheckOptions, "country" | "folder">,
  peer: string,
  acts: readonly string[],
): Promise<number> {
  const [one, other] = [country.node(COUNTY.code), country.node(peer)];
  const files = await one.ask("evidence", { acts });
  const others = new Map((await other.ask("evidence", { acts })).map((file) => [file.act, file]));
  const place = join(folder, "exchanges", peer);
  await mkdir(place, { recursive: true, mode: 0o700 });
  const written: string[] = [];
  for (const file of files) {
    const partner = others.get(file.act);
    if (partner === undefined) throw new Error(`${peer} proves nothing of ${file.act}`);
    const path = join(place, `${file.act}.json`);
    await writeFile(path, JSON.stringify(joinedEvidence(file, partner)), { mode: 0o600 });
    written.push(path);
  }
  const listed = new Map((await one.ask("keys", {})).map((keys) => [keys.node, keys]));
  const nodeKeys = [COUNTY.code, peer].flatMap((node) =>
    (listed.get(node)?.messages ?? []).flatMap((key) => ["--node-key", `${node}=${key}`]),
  );
  const logKeys = [
    "--log-key",
    listed.get(COUNTY.code)?.log[0] ?? "",
    "--peer-log-key",
    listed.get(peer)?.log[0] ?? "",
  ];
  const { code, stdout, stderr } = await runVerifier([...written, ...logKeys, ...nodeKeys, "--json"], folder);
  const reports = (stdout.startsWith("[") ? JSON.parse(stdout) : []) as readonly VerifiedFile[];
  const wrong = reports.filter(({ verdict }) => verdict !== "valid");
  if (code !== 0 || wrong.length > 0 || reports.length !== written.length) {
    throw new Error(`the verifier ended with ${code}: ${JSON.stringify(wrong[0] ?? {}).slice(0, 2_000)} ${stderr}`);
  }
  return reports.length;
}

/** A company's system, registered by two officials, asks through the X-Road protocol whether the licence is good. */
async function foreignCall({ country, step }: CheckOptions, { licenceNumber }: JourneyOutcome) {
  const county = country.node(COUNTY.code);
  const act = <T>(as: string, operation: string, input: unknown) =>
    county.ask("act", { as, room: "exchange", operation, input }) as Promise<T>;
  const key = newConnectionKey();
  const at = Temporal.Now.instant();
  const certificate = await selfSigned({ privateKey: key, host: "orders.example", at: at.toString() });
  const until = at.add({ hours: 24 * 300 }).toString();
  const reason = "演示：接入市场监管业务";
  const official = text("市场监管局两名工作人员", "Two officials of the market regulator");
  const client = await step(
    official,
    text("登记外部系统及其权限", "register a foreign system and its right"),
    async () => {
      const name = { zh: "外部订单系统（样本）", en: "Orders (sample)" };
      const proposed = await act<{ id: string; certificate: string; client: string }>("registrar", "proposeSystem", {
        ...{ memberClass: "COM", memberCode: FOREIGN_CODE, subsystem: "orders", name, certificate, perMinute: 60 },
        ...{ contact: "0999-990-0100", reason },
      });
      const decide = (id: string) =>
        act("head", "decideRegistration", { id, decision: "approved", reason: "材料齐全" });
      await decide(proposed.id);
      await decide(proposed.certificate);
      const { id } = await act<{ id: string }>("registrar", "proposeRight", {
        ...{ client: proposed.client, service: "ZT/GOV/990101-scjg/quality/v1", endpoints: ["findLicence"] },
        ...{ purpose: "verification", until, reason },
        legalBasis: [{ law: { zh: "行政许可法", en: "Licensing Law" }, article: "第四十条" }],
      });
      await decide(id);
      return proposed.client;
    },
  );
  const system = text("外部系统", "The foreign system");
  return await step(
    system,
    text("按 X-Road 协议查询许可证", "asks for the licence by the X-Road protocol"),
    async () => {
      const ca = await readFile(join(county.setting.dataFolder, EDGE_CERTIFICATE_FILE), "utf8");
      const deadline = performance.now() + ANSWER_TIMEOUT_MS;
      for (;;) {
        const answer = await post({
          ...{ place: county.setting.place, path: "/r1/ZT/GOV/990101-scjg/quality/v1/findLicence", client },
          ...{ key, certificate, ca, body: JSON.stringify({ number: licenceNumber }) },
        });
        if (answer.status === 200 && answer.body.includes(SHOP)) return { client, status: answer.status };
        // What was decided is in force on every process a moment later.
        if (performance.now() > deadline) throw new Error(`${answer.status} ${answer.body}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
  );
}

function post(asked: {
  readonly place: NodePlace;
  readonly path: string;
  readonly client: string;
  readonly key: string;
  readonly certificate: string;
  readonly ca: string;
  readonly body: string;
}): Promise<{ readonly status: number; readonly body: string }> {
  const { path, client, key, certificate, ca, body } = asked;
  const { host, edgePort: port } = asked.place;
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "x-road-client": client };
    const place = { host, servername: "localhost", port, path, method: "POST", agent: false } as const;
    const sent = request({ ...place, headers, ca, key, cert: certificate, timeout: ANSWER_TIMEOUT_MS }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.once("error", reject);
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") }),
      );
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

/** A briefing goes to the intranet on media, one of which is lost; a receipt comes back. */
async function ferryCrossing({ country, step }: CheckOptions): Promise<CheckOutcome["ferry"]> {
  const [county, inner] = [country.node(COUNTY.code), country.node(INTRANET.code)];
  const room = "network";
  const outside = <T>(as: string, operation: string, input: unknown) =>
    county.ask("act", { as, room, operation, input }) as Promise<T>;
  const inside = <T>(as: string, operation: string, input: unknown) =>
    inner.ask("act", { as, room, operation, input }) as Promise<T>;
  const reason = "演示：会议纪要〔2026〕1号";
  const officials = text("两侧工作人员", "Officials of both sides");
  const { partner, back } = await step(
    officials,
    text("互相登记摆渡对方", "register each other for the ferry"),
    async () => {
      const cards = { inner: await inner.ask("card", {}), county: await county.ask("card", {}) };
      const there = await outside<{ id: string }>("rights", "proposePartner", {
        card: cards.inner,
        outward: false,
        reason,
      });
      await outside("rights2", "decidePartner", { id: there.id, decision: "confirmed" });
      const here = await inside<{ id: string }>("admin", "proposePartner", {
        card: cards.county,
        outward: false,
        reason,
      });
      await inside("admin2", "decidePartner", { id: here.id, decision: "confirmed" });
      return { partner: there.id, back: here.id };
    },
  );
  if (back === "") throw new Error("the intranet has no partner");
  const packed = await step(
    officials,
    text("两人签发一个数据包，写入介质", "release a package and put it on media"),
    async () => {
      const { id } = await outside<{ id: string }>("rights", "beginPackage", {
        ...{ partner, purpose: "报送简报", legalBasis: "省府办〔2026〕3号（样本）" },
      });
      await outside("rights", "addDocument", {
        ...{
          package: id,
          title: "经济运行简报（样本）",
          classification: "internal",
          name: "简报.txt",
          mediaType: "text/plain",
        },
        content: Buffer.from("清源县经济运行简报（样本）".repeat(700)).toString("base64"),
      });
      await outside("rights", "proposePackage", { id });
      await outside("rights2", "decidePackage", { id, decision: "released" });
      return { id, paths: await county.ask("export", { package: id }) };
    },
  );
  return await step(
    officials,
    text("丢失一份介质后仍然读入，回执带回", "read it though a medium was lost; a receipt goes back"),
    async () => {
      const [lost, ...left] = packed.paths;
      if (lost === undefined || left.length < 2) throw new Error("the package has too few media to lose one");
      const [arrived] = await inner.ask("import", { paths: left });
      if (arrived?.outcome !== "accepted") throw new Error(`the package was ${arrived?.outcome}`);
      const [again] = await inner.ask("import", { paths: left });
      if (again?.outcome !== "replayed") throw new Error(`read a second time it was ${again?.outcome}`);
      const id = arrived.arrival ?? "";
      await inside("admin2", "releaseReceipt", { id });
      const { receipt } = await inside<{ receipt?: string }>("admin3", "releaseReceipt", { id });
      if (receipt === undefined) throw new Error("two officials released no receipt");
      const taken = await outside<{ outcome: string }>("rights", "takeReceipt", { partner, receipt });
      return { media: packed.paths.length, lost: 1, outcome: arrived.outcome, receipt: taken.outcome };
    },
  );
}

/** What the owner downloaded, judged by the stand-alone verifier off line. */
export async function verify(
  { country, folder, step }: CheckOptions,
  outcome: JourneyOutcome,
): Promise<readonly VerifiedFile[]> {
  const anyone: Text = text("任何人", "Anyone");
  const what = text("离线核验许可证、决定书和全部存证凭证", "verifies licence, decision and all receipts off line");
  return await step(anyone, what, async () => {
    const { files } = await writeEvidence(folder, country.node(COUNTY.code).address, outcome);
    return await verifyEvidence(folder, files, outcome.licenceNumber);
  });
}
