/** Evidence of calls between nodes: entries of their ledgers, signed frames. Format: docs/protocols/exchange.md. */
import { asList, asObject, asSize, base64, parseObject, same, text, utf8 } from "./bytes.ts";
import { type LogKey, openCheckpoint, parseLogKey } from "./checkpoint.ts";
import { checkOpening, compareWithKept, type LedgerTrust, PROOF_MAX } from "./ledger.ts";
import { isIncluded, leafHash } from "./merkle.ts";
import { examine, type Finding, good, note, open, Refusal, type Report } from "./report.ts";
import { keyFromSpki, type VerifyingKey, verifies } from "./signature.ts";
import { follow, successionsIn } from "./succession.ts";
import { checkWitnesses } from "./witness.ts";

export const EXCHANGE_EVIDENCE_FORMAT = "zhengtong-exchange-evidence/1";
const SIDES_MAX = 2;
const CALLS_MAX = 200;
const BASE_MAX = 4_096;

export interface ExchangeTrust extends LedgerTrust {
  /** Keys with which nodes sign messages, from another source than the file: the directory. */
  readonly nodeKeys?: readonly NodeKey[] | undefined;
  /** The key of the other node's log. */
  readonly peerLogKey?: LogKey | undefined;
}

/** Whose key it is: SPKI. */
export interface NodeKey {
  readonly node: string;
  readonly spki: Uint8Array;
}

/** Reads `node=key`, the key as SPKI in base64. */
export function parseNodeKey(written: string): NodeKey {
  const at = written.indexOf("=");
  if (at < 1) throw new Refusal("usage", `应为 节点=公钥：${written}`, `Not NODE=KEY: ${written}`);
  return { node: written.slice(0, at).trim(), spki: base64(written.slice(at + 1).trim()) };
}

type Values = Record<string, unknown>;

/** One message of a frame, whose signature and place are proved. */
interface Message {
  readonly frame: string;
  readonly index: number;
  readonly from: string;
  readonly to: string;
  readonly createdAt: number;
  readonly leaf: Uint8Array;
  readonly base: string;
}

interface Call {
  readonly node: string;
  readonly leaf: Values;
  /** Undefined where it was erased. */
  readonly content: Values | undefined;
  readonly call: Message;
  readonly answer: Message | undefined;
}

/** Checks each side by itself, then that both tell the same. */
export function verifyExchange(source: string, trust: ExchangeTrust): Promise<Report> {
  return examine("exchange", async (found, facts) => {
    const file = parseObject(source);
    const act = file["act"];
    if (typeof act !== "string") throw malformed();
    const sides: Call[][] = [];
    const erased: Erased[] = [];
    for (const side of asList(file["sides"], SIDES_MAX).map(asObject)) {
      const calls: Call[] = [];
      if (side["erased"] !== undefined) {
        if (asList(side["calls"], 0).length > 0) throw malformed();
        erased.push(await checkErased(asObject(side["erased"]), { node: String(side["node"]), act, trust, found }));
        continue;
      }
      for (const one of asList(side["calls"], CALLS_MAX).map(asObject)) {
        calls.push(await checkCall(one, { node: String(side["node"]), act, trust, found }));
      }
      if (calls.length === 0) throw malformed();
      sides.push(calls);
    }
    const [one, other] = sides;
    const [gone] = erased;
    if (gone !== undefined) {
      checkAge(gone, one, act);
      found.push(
        note(
          "records-erased",
          `节点 ${gone.node} 在 ${gone.before} 以前的交换记录保存期满，已依法清除；其日志有记录`,
          `Node ${gone.node} lawfully erased what it kept of exchanges before ${gone.before}, when its years were over; its log says so`,
        ),
      );
    }
    if (one === undefined) {
      if (gone === undefined) throw malformed();
      found.push(open("nothing-left", ...NOTHING_LEFT));
      facts["act"] = act;
      return;
    }
    found.push(
      good(
        "frames",
        "每次调用和应答都在其发送方签名的报文组之中，签名有效；记录都在各自的存证日志中",
        "Each call and answer is in a frame that its sender signed, validly; each entry is in its node's log",
      ),
    );
    if (other === undefined) {
      found.push(
        open(
          "one-side",
          "只有一方的证据：请附上另一方节点的文件，才能确认双方记录一致",
          "This is one side alone: whether both tell the same shows with the other node's file",
        ),
      );
    } else {
      checkPair(one, other);
      found.push(
        good(
          "agreement",
          `双方记录一致：${one.length} 次调用，同一报文，同一结果`,
          `Both nodes tell the same of ${one.length} calls: the same messages, the same outcomes`,
        ),
      );
    }
    facts["act"] = act;
    facts["calls"] = one.map(({ leaf, content, call, answer }) => ({
      ...{ room: leaf["room"], operation: leaf["operation"], at: leaf["at"] },
      ...{ from: call.from, to: call.to, frame: call.frame, place: call.index },
      answered: answer !== undefined,
      outcome: content?.["outcome"] ?? "erased",
    }));
  });
}

const NOTHING_LEFT = [
  "所附各方都已清除记录，这次操作调用过什么已无从核对",
  "Of the sides in this file nothing is left: what the act called can be told by nobody here",
] as const;

/** What a node says of records that are gone: its entry, which stands in its log. */
interface Erased {
  readonly node: string;
  readonly before: string;
  readonly atMs: number;
}

/** Records of use are kept so long at least. */
const RECORD_YEARS = 3;

async function checkErased(receipt: Values, checking: Checking): Promise<Erased> {
  const { leaf, content } = await checkReceipt(receipt, checking);
  const detail = asObject(content?.["detail"]);
  const { node, before } = { node: detail["node"], before: detail["before"] };
  const isWarrant = leaf["type"] === "erasure" && leaf["room"] === "exchange" && leaf["operation"] === "records-erased";
  if (!isWarrant || node !== checking.node || typeof before !== "string") throw foreign();
  return { node, before, atMs: Date.parse(String(leaf["at"])) };
}

/** Erased in time: all of it lay before the day that the entry names, and that day so many years before the entry. */
function checkAge({ node, before, atMs }: Erased, calls: readonly Call[] | undefined, act: string): void {
  const isTheirs = ({ node: own, call }: Call) => node !== own && (node === call.from || node === call.to);
  if (calls?.every(isTheirs) === false) throw foreign();
  const kept = new Date(before);
  kept.setUTCFullYear(kept.getUTCFullYear() + RECORD_YEARS);
  // An act is numbered by the time at which it began (RFC 9562, version 7).
  const begunMs = act[14] === "7" ? Number.parseInt(act.replace("-", "").slice(0, 12), 16) : Number.NaN;
  const newest = Math.max(begunMs, ...(calls ?? []).map(({ call }) => call.createdAt * 1_000));
  if (!(kept.getTime() <= atMs && newest < Date.parse(before))) {
    throw new Refusal(
      "erased-early",
      "清除记录早于法定保存期，或者与这次操作的时间不符",
      "The records were erased before their time, or the entry is about another time than this act's",
    );
  }
}

interface Checking {
  readonly node: string;
  readonly act: string;
  readonly trust: ExchangeTrust;
  readonly found: Finding[];
}

async function checkCall(one: Values, checking: Checking): Promise<Call> {
  const { node, act } = checking;
  const { leaf, content } = await checkReceipt(asObject(one["receipt"]), checking);
  const call = await checkFrame(asObject(one["call"]), "zhengtong-calls", checking);
  const answer =
    one["answer"] === undefined ? undefined : await checkFrame(asObject(one["answer"]), "zhengtong-answers", checking);
  if (node !== call.from && node !== call.to) throw foreign();
  if (answer !== undefined && (answer.from !== call.to || answer.to !== call.from)) throw foreign();
  if (content !== undefined) {
    const exchange = asObject(asObject(content["detail"])["exchange"]);
    const isCaller = node === call.from;
    const names =
      content["actId"] === act &&
      exchange["call"] === `${call.frame}/${call.index}` &&
      exchange[isCaller ? "to" : "from"] === (isCaller ? call.to : call.from) &&
      (!isCaller || exchange["answer"] === (answer && `${answer.frame}/${answer.index}`));
    if (!names) throw foreign();
  }
  return { node, leaf, content, call, answer };
}

async function checkReceipt(receipt: Values, { trust, found }: Checking) {
  const carried = receipt["verifierKey"];
  const own = parseLogKey(typeof carried === "string" ? carried : "");
  // Two nodes have two logs: a key that was given counts for the log that it names.
  const named = [trust.logKey, trust.peerLogKey].filter((key) => key?.name === own.name);
  const given = named.find((key) => key !== undefined && same(key.keyId, own.keyId)) ?? named[0];
  const successions = [...successionsIn(receipt["successions"]), ...(trust.successions ?? [])];
  const logKey = await follow(given ?? own, successions);
  const isGiven = given !== undefined && given === trust.logKey;
  if (given === undefined) tell(found, "log-key-untrusted", ...LOG_KEY);
  const leafBytes = base64(receipt["leaf"]);
  const leaf = parseObject(text(leafBytes));
  if (leaf["v"] !== 1) throw new Refusal("version", "条目版本无法识别", "The entry is of an unknown version");
  const opening = asObject(receipt["content"]);
  const isErased = checkOpening(opening, leaf);
  if (isErased) tell(found, "erased", "部分内容已到期删除", "Some contents were erased when their time ended", note);
  if (receipt["state"] === "pending" && receipt["log"] === undefined) {
    tell(
      found,
      "pending",
      "条目尚未编入日志，请稍后重新生成",
      "An entry is not in the log yet: make the file again later",
    );
    return { leaf, content: isErased ? undefined : asObject(opening["value"]) };
  }
  const log = asObject(receipt["log"]);
  const checkpoint = await openCheckpoint(log["checkpoint"], logKey);
  const proof = asList(log["proof"], PROOF_MAX).map(base64);
  const claim = { leaf: leafHash(leafBytes), index: asSize(log["index"]), size: checkpoint.size, proof };
  if (!isIncluded({ ...claim, root: checkpoint.root })) {
    throw new Refusal(
      "inclusion",
      "条目不在检查点所签的日志之中",
      "The entry is not in the log that the checkpoint signs",
    );
  }
  await checkWitnesses(log["checkpoint"] as string, isGiven ? trust.witnesses : undefined, found);
  if (isGiven) await compareWithKept(checkpoint, trust, logKey, found);
  return { leaf, content: isErased ? undefined : asObject(opening["value"]) };
}

const LOG_KEY = [
  "使用文件自带的日志公钥；要确认是哪个日志，请提供其公布的公钥（--log-key）",
  "Checked under the log key that the file itself carries: give the log's published key with --log-key",
] as const;

const FRAME =
  /^"zhengtong-frame": "([0-9a-f-]{36})";from="([a-z0-9-]{1,63})";to="([a-z0-9-]{1,63})";messages=(\d{1,3});root=:([A-Za-z0-9+/=]{44}):$/;
const PARAMETERS =
  /^"@signature-params": \(([^()]*)\);created=(\d{1,12});expires=\d{1,12};keyid="[!-~]{1,100}";alg="([a-z0-9-]{1,40})";tag="([a-z-]{1,40})"$/;
const COVERED = {
  "zhengtong-calls": ["@method", "@path", "content-digest", "zhengtong-frame"],
  "zhengtong-answers": ["@status", "content-digest", "zhengtong-frame"],
} as const;
const NAMES: Readonly<Record<VerifyingKey["algorithm"], string>> = {
  EdDSA: "ed25519",
  ES256: "ecdsa-p256-sha256",
  SM2: "zhengtong-sm2-sm3",
  // Nodes sign messages with neither.
  "Ed25519+ML-DSA-65": "",
  RSA: "",
};

/** A message in its frame: what was signed, by whom, for whom, and that the leaf is one of those under the signed root. */
async function checkFrame(proof: Values, tag: keyof typeof COVERED, { trust, found }: Checking): Promise<Message> {
  const base = proof["base"];
  if (typeof base !== "string" || base.length > BASE_MAX) throw malformed();
  const lines = base.split("\n");
  const covered = COVERED[tag];
  const [, items, created, algorithm, signedTag] = PARAMETERS.exec(lines.at(-1) ?? "") ?? [];
  const [, frame, from, to, messages, root] = FRAME.exec(lines.at(-2) ?? "") ?? [];
  const isWhole =
    lines.length === covered.length + 1 &&
    covered.every((name, at) => lines[at]?.startsWith(`"${name}": `)) &&
    items === covered.map((name) => `"${name}"`).join(" ") &&
    signedTag === tag;
  if (!isWhole || frame === undefined || from === undefined || to === undefined) throw malformed();
  const key = nodeKey(from, proof["publicKey"], trust, found);
  const isSigned =
    NAMES[key.algorithm] === algorithm && (await verifies(key, utf8(base), base64(proof["signature"]), "raw"));
  if (!isSigned) {
    throw new Refusal(
      "frame-signature",
      `节点 ${from} 对报文组的签名无效`,
      `The signature of node ${from} over a frame is not valid`,
    );
  }
  const leaf = base64(proof["leaf"]);
  const index = asSize(proof["index"]);
  const size = asSize(proof["size"]);
  const path = asList(proof["proof"], PROOF_MAX).map(base64);
  if (size !== Number(messages) || !isIncluded({ leaf, index, size, proof: path, root: base64(root) })) {
    throw new Refusal("frame-inclusion", "报文不在所签的报文组之中", "A message is not in the frame that was signed");
  }
  return { frame, index, from, to, createdAt: Number(created), leaf, base };
}

function nodeKey(node: string, carried: unknown, trust: ExchangeTrust, found: Finding[]): VerifyingKey {
  const given = trust.nodeKeys?.filter((one) => one.node === node) ?? [];
  if (carried === undefined && given.length === 0) {
    throw new Refusal("node-key-missing", `没有节点 ${node} 的公钥`, `The key of node ${node} is missing`, "open");
  }
  const spki = carried === undefined ? given[0]?.spki : base64(carried);
  const key = keyFromSpki(spki ?? new Uint8Array(0));
  if (key === undefined) throw malformed();
  if (given.length === 0) {
    tell(
      found,
      "node-key-untrusted",
      "使用文件自带的节点公钥；请与节点目录核对（--node-key 节点=公钥）",
      "Checked under the nodes' keys that the file itself carries: compare them with the directory (--node-key NODE=KEY)",
    );
  } else if (!given.some((one) => same(one.spki, spki ?? new Uint8Array(0)))) {
    throw new Refusal("node-key", `不是节点 ${node} 的公钥`, `That is not a key of node ${node}`);
  }
  return key;
}

function checkPair(one: readonly Call[], other: readonly Call[]): void {
  const name = ({ call }: Call) => `${call.frame}/${call.index}`;
  const theirs = new Map(other.map((call) => [name(call), call]));
  if (one.length !== other.length || theirs.size !== other.length) throw disagree();
  for (const mine of one) {
    const same_ = theirs.get(name(mine));
    if (same_ === undefined || same_.node === mine.node) throw disagree();
    const told = ({ leaf, content }: Call) =>
      JSON.stringify([
        leaf["room"],
        leaf["operation"],
        content && [content["outcome"], content["purpose"], content["caseId"]],
      ]);
    const isErased = mine.content === undefined || same_.content === undefined;
    const agrees =
      mine.call.base === same_.call.base &&
      same(mine.call.leaf, same_.call.leaf) &&
      (mine.answer === undefined || same_.answer === undefined
        ? true
        : mine.answer.base === same_.answer.base && same(mine.answer.leaf, same_.answer.leaf)) &&
      (isErased || isUnanswered(mine) || isUnanswered(same_) || told(mine) === told(same_));
    if (!agrees) throw disagree();
  }
}

/** Whoever got no answer cannot know the outcome. */
function isUnanswered({ content }: Call): boolean {
  return content?.["outcome"] === "unanswered";
}

function tell(found: Finding[], code: string, zh: string, en: string, weight = open): void {
  if (!found.some((one) => one.code === code)) found.push(weight(code, zh, en));
}

function malformed(): Refusal {
  return new Refusal("malformed", "交换证据的格式有误", "The evidence of an exchange is malformed");
}

function foreign(): Refusal {
  return new Refusal("other-call", "日志条目说的不是这次调用", "The entry of the log speaks of another call");
}

function disagree(): Refusal {
  return new Refusal("disagreement", "双方节点的记录不一致", "The two nodes do not tell the same");
}
