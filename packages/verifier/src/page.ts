/** The page's script. It reads files that are chosen, and sends nothing: its content security policy allows no connection. */
import { readCertificates } from "./certificate.ts";
import { parseLogKey } from "./checkpoint.ts";
import { parseNodeKey } from "./exchange.ts";
import { Refusal, type Report } from "./report.ts";
import { keyFromEd25519, verifies } from "./signature.ts";
import { readSuccessions } from "./succession.ts";
import { type Trust, verifyFile, verifyLicenceNumber } from "./verify-file.ts";
import { readWitnessPolicy } from "./witness.ts";
import { HEADLINE, SIGN } from "./words.ts";

const FILE_MAX_BYTES = 256 * 1024 * 1024;
const FILES_MAX = 50;

type Language = 0 | 1;
/** Texts of elements by their id: Chinese, English. */
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  language: ["English", "中文"],
  title: ["核验凭证、证照和文书", "Verify receipts, licences and documents"],
  lead: [
    "全部在您的设备上完成：本页不联网，也不上传任何文件。断开网络后仍可使用。",
    "Everything happens on your device: this page connects to nothing and uploads nothing. It works with the network off.",
  ],
  "files-label": ["要核验的文件", "Files to verify"],
  "files-hint": [
    "存证凭证、证据包、检查点、一致性证明或日志导出文件，节点间调用的证据，电子证照（文本），加盖电子印章的 PDF，分离式印章及其文书。",
    "Ledger receipts, evidence bundles, checkpoints, proofs of consistency or exports of a ledger, evidence of calls between nodes, licence tokens, sealed PDFs, detached seals with their documents.",
  ],
  "number-label": ["或许可证编号", "Or a licence number"],
  "number-hint": [
    "只核对编号的格式和校验码，如 JY13301080111719。",
    "Form and check digit only, such as JY13301080111719.",
  ],
  "trust-legend": ["您信任什么", "What you trust"],
  "trust-hint": [
    "请从文件以外的来源取得，例如政府公报。不提供时只能说明文件内部一致，不能说明是谁的。",
    "From a source other than the file, such as the official gazette. Without these it can only be said that a file holds together, not whose it is.",
  ],
  "roots-label": ["根证书（PEM 或 DER）", "Root certificates (PEM or DER)"],
  "log-key-label": ["存证日志公钥", "The ledger's key"],
  "log-key-hint": [
    "名称+标识+密钥，每行一个；每一个都须签过检查点。",
    "name+id+key, one a line; each must have signed the checkpoint.",
  ],
  "checkpoint-label": ["您留存的检查点", "A checkpoint that you kept"],
  "checkpoint-hint": [
    "连签名行一起粘贴。可据此发现历史被改写。",
    "With its signature lines. It shows whether history was rewritten.",
  ],
  "witnesses-label": ["见证者公钥，每行一个", "Keys of witnesses, one a line"],
  "witnesses-hint": [
    "检查点须有其中过半或者所填数目的见证者签名。",
    "More than half of them, or as many as you say, must have signed the checkpoint.",
  ],
  "quorum-label": ["需要几个见证者", "How many witnesses are needed"],
  "quorum-hint": ["不填为过半。", "More than half, if left empty."],
  "more-summary": [
    "日志密钥的更替；证书签发的存证证据；节点间调用的公钥",
    "Successions of the log's key; proofs of certificates' issuance; keys for calls between nodes",
  ],
  "successions-label": ["日志密钥的更替说明", "How the log's keys followed each other"],
  "successions-hint": [
    "由节点提供（/log/successions）。凭证和证据包自带；单独的检查点、更替前的凭证需要它。",
    "From the node (/log/successions). Receipts and bundles bring it along; a checkpoint by itself, or a receipt from before, needs it.",
  ],
  "issued-label": ["证书签发的存证证据", "Proofs that certificates were entered in the ledger when issued"],
  "issued-hint": [
    "由签发证书的节点提供。给出后，没有此证据的印章一律拒绝。",
    "From the node that issued them. Once given, a seal whose certificate has none is refused.",
  ],
  "require-issued-label": [
    "签发未经存证证明的证书，一律拒绝",
    "Refuse every certificate whose issuance nothing proves",
  ],
  "peer-log-key-label": ["另一方节点的存证日志公钥", "The key of the other node's ledger"],
  "peer-log-key-hint": ["名称+标识+密钥，每行一个。", "name+id+key, one a line."],
  "node-keys-label": ["节点的报文公钥，每行一个", "Keys with which nodes sign messages, one a line"],
  "node-keys-hint": [
    "节点=公钥（SPKI，base64），取自节点名录。",
    "node=key (SPKI, base64), from the directory of nodes.",
  ],
  "at-label": ["按此时间核验", "Judge at this moment"],
  "at-hint": ["不填则按现在核验；您所在的时区。", "Now, if left empty; in your own time zone."],
  go: ["核验", "Verify"],
};
const NOTHING_CHOSEN = ["请选择要核验的文件，或填写编号。", "Choose a file to verify, or write a number."] as const;
const TOO_MANY = [`一次最多 ${FILES_MAX} 个文件。`, `At most ${FILES_MAX} files at once.`] as const;
const TOO_BIG = ["文件过大，请用命令行核验工具。", "The file is too big for a page: use the command."] as const;
const TOO_OLD = [
  "此浏览器不能验证 Ed25519 签名，存证凭证和检查点无法核验。请换用较新的浏览器，或用命令行核验工具。",
  "This browser cannot verify Ed25519 signatures, so receipts and checkpoints cannot be checked here. Use a newer browser, or the command.",
] as const;
const SAYS = ["文件内容", "What it says"] as const;

let language: Language = navigator.language.startsWith("zh") ? 0 : 1;
let shown: readonly { readonly name: string; readonly report: Report }[] = [];
let problem: readonly [string, string] | undefined;

function element<E extends HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) throw new Error(id);
  return found as E;
}

function say(): void {
  document.documentElement.lang = language === 0 ? "zh-CN" : "en";
  for (const [id, words] of Object.entries(WORDS)) element(id).textContent = words[language];
  element("language").lang = language === 0 ? "en" : "zh-CN";
  element("support").textContent = TOO_OLD[language];
  const parts = shown.map(reportOf);
  if (problem !== undefined) parts.unshift(node("p", { class: "warning" }, problem[language]));
  element("results").replaceChildren(...parts);
}

/** Text is only ever text: nothing that a file says becomes markup. */
function node(name: string, attributes: Readonly<Record<string, string>>, ...content: (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...content);
  return made;
}

function reportOf({ name, report }: { readonly name: string; readonly report: Report }): HTMLElement {
  const findings = report.findings.map(({ code, weight, zh, en }) =>
    node(
      "li",
      { class: weight, "data-code": code },
      node("span", { "aria-hidden": "true" }, SIGN[weight]),
      language === 0 ? zh : en,
    ),
  );
  const facts = Object.keys(report.facts).length === 0 ? [] : [factsOf(report)];
  return node(
    "article",
    { class: `report ${report.verdict}` },
    node("h2", {}, name),
    node("p", { class: "verdict" }, HEADLINE[report.verdict][language]),
    node("ul", { class: "findings" }, ...findings),
    ...facts,
  );
}

function factsOf({ facts }: Report): HTMLElement {
  const written = node("pre", { tabindex: "0" }, JSON.stringify(facts, undefined, 2));
  return node("details", {}, node("summary", {}, SAYS[language]), written);
}

const value = (id: string): string => element<HTMLInputElement>(id).value.trim();
const lines = (id: string): readonly string[] =>
  value(id)
    .split("\n")
    .filter((line) => line.trim() !== "");
const files = (id: string): readonly File[] => [...(element<HTMLInputElement>(id).files ?? [])];
const bytesOf = async (file: File): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());

async function trustOf(): Promise<Trust> {
  const roots = (await Promise.all(files("roots").map(bytesOf))).flatMap((bytes) => [...readCertificates(bytes)]);
  const at = value("at");
  const nodeKeys = lines("node-keys");
  const kept = element<HTMLTextAreaElement>("checkpoint").value.replaceAll("\r", "").trim();
  return {
    roots,
    atMs: at === "" ? Date.now() : new Date(at).getTime(),
    logKey: value("log-key") === "" ? undefined : parseLogKey(value("log-key")),
    successions: (await Promise.all(files("successions").map((file) => file.text()))).flatMap((source) => [
      ...readSuccessions(source),
    ]),
    keptCheckpoint: kept === "" ? undefined : `${kept}\n`,
    witnesses: readWitnessPolicy(lines("witnesses"), value("quorum")),
    certificateProofs: await Promise.all(files("issued").map((file) => file.text())),
    issuanceRequired: element<HTMLInputElement>("require-issued").checked,
    peerLogKey: value("peer-log-key") === "" ? undefined : parseLogKey(value("peer-log-key")),
    nodeKeys: nodeKeys.length === 0 ? undefined : nodeKeys.map(parseNodeKey),
  };
}

async function verifyAll(): Promise<void> {
  const [chosen, number] = [files("files"), value("number").toUpperCase()];
  shown = [];
  problem = chosen.length === 0 && number === "" ? NOTHING_CHOSEN : chosen.length > FILES_MAX ? TOO_MANY : undefined;
  if (problem !== undefined) return;
  const trust = await trustOf();
  const reports: { readonly name: string; readonly report: Report }[] = [];
  if (chosen.some(({ size }) => size > FILE_MAX_BYTES)) throw new Refusal("too-big", ...TOO_BIG);
  const documents = await Promise.all(chosen.map(bytesOf));
  for (const [at, bytes] of documents.entries()) {
    const report = await verifyFile(bytes, { ...trust, documents });
    reports.push({ name: chosen[at]?.name ?? "", report });
  }
  if (number !== "") reports.push({ name: number, report: await verifyLicenceNumber(number) });
  shown = reports;
}

element("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const go = element<HTMLButtonElement>("go");
  go.disabled = true;
  try {
    await verifyAll();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problem = [error.finding.zh, error.finding.en];
  } finally {
    go.disabled = false;
    say();
  }
});
element("language").addEventListener("click", () => {
  language = language === 0 ? 1 : 0;
  say();
});

/** RFC 8032 §7.1, the first test: says whether this browser knows Ed25519. */
async function knowsEd25519(): Promise<boolean> {
  const bytes = (digits: string) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const key = keyFromEd25519(bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  const signature = bytes(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  );
  return key !== undefined && (await verifies(key, new Uint8Array(), signature, "raw").catch(() => false));
}

element("form").hidden = false;
say();
knowsEd25519().then((known) => {
  element("support").hidden = known;
});
