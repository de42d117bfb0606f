import { Buffer } from "node:buffer";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { ENTRY_KINDS, type EntryKind, type LedgerPage, type LedgerRecord } from "#kernel/ledger/records";
import type { LedgerVerification } from "#kernel/ledger/verification";
import { noteVerification, readLedger, readLedgerEntry } from "#kernel/services/oversight";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { details } from "#ui/components/details/details";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { pagination } from "#ui/components/pagination/pagination";
import { searchBox } from "#ui/components/search-box/search-box";
import { summaryList } from "#ui/components/summary-list/summary-list";
import { warningText } from "#ui/components/warning-text/warning-text";
import { formatInstant, formatNumber } from "#ui/format";
import { absent, formFields, holds, postOf, workbench } from "../frame.ts";
import { type RecordWords, recordWords } from "../ledger-words.ts";
import { officialNames } from "../names.ts";
import { filterLinks, hrefWith, recordTable } from "../table.ts";
import { type Asked, actOf, askedFor, filterForm, keptOf, narrowedBy } from "./ledger-filter.ts";

const PATH = "/workbench/ledger";
const TITLE = text("存证日志", "Ledger");
const LEAD_AUDITOR = text(
  "全部条目，新的在前。您每次查看也会记入日志，当事人可以看到。",
  "All entries, newest first. What you look at goes into the ledger too, and whoever it concerns can see it.",
);
const LEAD = text(
  "您本人的操作，新的在前。按办件编号可查看本机关办件的全部记录。",
  "What you did yourself, newest first. By its number you see all that concerns a case of your authority.",
);
const HEAD = [
  text("时间", "When"),
  text("谁", "Who"),
  text("做了什么", "What"),
  text("办件", "Case"),
  text("目的", "Purpose"),
  text("结果", "Outcome"),
];
const NONE = text("没有记录", "No entries");
const NOT_FOUND = text("没有这个办件，或您的岗位不能查看。", "No such case, or not one that your post may see.");
const SEARCH = text("按办件编号", "By case number");
const OLDER = text("更早的", "Older");
const ALL = text("全部", "All");
const MINE = text("我的操作", "My own acts");
const ABOUT_ME = text("记录到我的", "What is recorded of me");
const SAMPLE = text("按种子随机抽样", "Draw a sample by a seed");
const KINDS: Readonly<Record<EntryKind, Text>> = {
  refused: text("被拒绝的尝试", "Refused attempts"),
  "sign-ins": text("登录", "Sign-ins"),
  "failed-sign-ins": text("没有成功的登录和验证", "Sign-ins and proofs that failed"),
  exchanges: text("节点间交换", "Exchanges between nodes"),
  checks: text("核验和见证", "Checks"),
  "failed-checks": text("未通过的核验", "Checks that failed"),
  clock: text("时钟变动", "Changes of the clock"),
  sealed: text("依法暂不告知的", "Withheld by law"),
};
const OF = text("{name}的操作", "Acts of {name}");
const WHICH = text("哪些条目", "Which entries");
const CHECKPOINT = text("最新检查点：{size} 条已签名", "Latest checkpoint: {size} entries are signed");
const CHECKPOINT_TEXT = text(
  "检查点原文（可保存，以后用来证明日志未被改动）",
  "The checkpoint itself (keep it, to prove later that nothing was changed)",
);
const VERIFY = text("核验全部日志", "Verify the whole log");

/** The ledger as officials may read it. */
export function ledgerPages(site: Site): readonly Page[] {
  return [
    definePage({ path: PATH, audience: "official", get: (request) => list(site, request) }),
    definePage({
      path: `${PATH}/verify`,
      audience: "official",
      get: (request) => verification(site, request),
      post: (request) => verify(site, request),
    }),
    definePage({ path: `${PATH}/:entry`, audience: "official", get: (request) => entry(site, request) }),
    definePage({ path: `${PATH}/:entry/receipt`, audience: "official", get: (request) => receiptFile(site, request) }),
  ];
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const asked = await askedFor(site, request);
  const found = asked.wanted && (await readLedger(site.kernel, actOf(request, asked.wanted.caseId), asked.wanted));
  const page = found && !isRefusal(found) ? found : undefined;
  const auditor = holds(request, "audit.read");
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({ title: TITLE[language], lead: (auditor ? LEAD_AUDITOR : LEAD)[language] })}${await checkpointOf(site, request)}${searchBox(
      { language, action: PATH, label: SEARCH[language], placeholder: SEARCH[language], value: asked.number },
    )}${auditor ? html`${await whichOf(request, asked)}${await filterForm(site, request, asked)}` : ownChoice(request, asked)}${
      page ? await tableOf(site, request, page) : html`<p>${NOT_FOUND[language]}</p>`
    }${page?.next === undefined ? NOTHING : olderLink(request, page.next)}`,
  });
}

async function whichOf(request: PageRequest, asked: Asked): Promise<Html> {
  const { language } = request;
  const { officialId } = postOf(request);
  const of = asked.wanted?.officialId;
  const names = of === undefined || of === officialId ? undefined : await officialNames(request, [of]);
  const named = names && fill(OF, { name: names.get(of ?? "") ?? "" })[language];
  return html`<div class="zt-filter">${filterLinks(WHICH[language], [
    {
      href: PATH,
      text: ALL[language],
      current: of === undefined && asked.number === "" && !asked.wanted?.kind && !asked.wanted?.aboutReader,
    },
    { href: `${PATH}?of=${officialId}`, text: MINE[language], current: of === officialId },
    { href: `${PATH}?about=me`, text: ABOUT_ME[language], current: asked.wanted?.aboutReader === true },
    ...ENTRY_KINDS.map((kind) => ({
      href: hrefWith(PATH, { ...narrowedBy(request), kind }),
      text: KINDS[kind][language],
      current: asked.wanted?.kind === kind,
    })),
    ...(named === undefined ? [] : [{ href: request.url, text: named, current: true }]),
  ])}</div><p><a class="govuk-link" href="${PATH}/sample">${SAMPLE[language]}</a></p>`;
}

/** An official sees his own acts, and what is recorded of him. */
function ownChoice({ language }: PageRequest, asked: Asked): Html {
  if (asked.number !== "") return NOTHING;
  const about = asked.wanted?.aboutReader === true;
  return html`<div class="zt-filter">${filterLinks(WHICH[language], [
    { href: PATH, text: MINE[language], current: !about },
    { href: `${PATH}?about=me`, text: ABOUT_ME[language], current: about },
  ])}</div>`;
}

function olderLink(request: PageRequest, next: number): Html {
  const href = hrefWith(PATH, { ...keptOf(request), before: String(next) });
  return pagination({ language: request.language, next: { href, text: OLDER[request.language] } });
}

async function checkpointOf(site: Site, request: PageRequest): Promise<Html> {
  const { language } = request;
  const checkpoint = await site.kernel.ledger.checkpoint();
  if (!checkpoint) return NOTHING;
  const verifying = holds(request, "audit.read")
    ? html`<form class="zt-inline" method="post" action="${PATH}/verify">${formFields(request)}${button({ text: VERIFY[language], classes: "govuk-button--secondary", preventDoubleClick: true })}</form>`
    : NOTHING;
  return html`<section class="zt-sheet"><p><strong>${fill(CHECKPOINT, { size: formatNumber(checkpoint.size) })[language]}</strong></p>${details(
    { summary: CHECKPOINT_TEXT[language], text: html`<pre class="zt-mono zt-pre">${checkpoint.note}</pre>` },
  )}${verifying}</section>`;
}

/** The entries, each with its words and the way to its receipt. */
export async function tableOf(site: Site, request: PageRequest, page: Pick<LedgerPage, "records">): Promise<Html> {
  const { language } = request;
  if (page.records.length === 0) return emptyState({ title: NONE[language] });
  const words = await recordWords(site, request, page.records);
  return recordTable({
    caption: TITLE[language],
    head: HEAD.map((name) => name[language]),
    rows: page.records.map((record) => rowOf(request, record, words.get(record.id))),
  });
}

function rowOf(request: PageRequest, record: LedgerRecord, said: RecordWords | undefined) {
  const { language } = request;
  const at = formatInstant(Temporal.Instant.from(record.leaf.at), language);
  const caseId = record.content?.caseId;
  const number =
    said?.caseNumber && caseId
      ? html`<a class="govuk-link" href="/workbench/cases/${caseId}">${said.caseNumber}</a>`
      : "";
  return [
    html`<a class="govuk-link" href="${PATH}/${record.id}">${at}</a>`,
    whoOf(request, record, said),
    html`<strong>${said?.did ?? ""}</strong> ${said?.what ?? ""}`,
    number,
    said?.purpose ?? "",
    said?.outcome ?? "",
  ];
}

/** An auditor goes on from a name to all that this official did. */
function whoOf(request: PageRequest, record: LedgerRecord, said: RecordWords | undefined): string | Html {
  const actor = record.content?.actor;
  if (!said || actor?.kind !== "official" || !holds(request, "audit.read")) return said?.who ?? "";
  return html`<a class="govuk-link" href="${PATH}?of=${actor.id}">${said.who}</a>`;
}

const ENTRY = text("第 {id} 号条目", "Entry {id}");
const CLAIMS = {
  proved: text(
    "这条记录在日志的第 {index} 位，由检查点签名；改动它或它之前的任何一条，签名就对不上。",
    "This entry stands at place {index} of the log under a signed checkpoint; were it or any entry before it changed, the signature would not hold.",
  ),
  pending: text(
    "这条记录正在等待进入检查点，通常不到一秒。",
    "This entry waits for its checkpoint, which usually takes less than a second.",
  ),
};
const LABELS = {
  who: text("谁", "Who"),
  did: text("做了什么", "What was done"),
  at: text("何时", "When"),
  case: text("办件", "Case"),
  purpose: text("目的", "Purpose"),
  basis: text("依据", "Legal basis"),
  outcome: text("结果", "Outcome"),
  subjects: text("涉及", "Whom it concerns"),
  policies: text("适用的访问规则", "Access rules applied"),
  post: text("岗位", "Post"),
};
const SUBJECT_KINDS: Readonly<Record<string, Text>> = {
  person: text("个人", "Person"),
  organization: text("单位", "Organization"),
  official: text("工作人员", "Official"),
};
const WHY = text("为什么被拒绝？", "Why was this denied?");
const PROOF = text("凭证", "The proof");
const HASHES = text("散列和签名（供机器核验）", "Hashes and signature, for machines");
const DOWNLOAD = text("下载凭证，可离线核验", "Download the receipt, to be verified off line");
const EVIDENCE = text("下载证据包，含当时的访问规则", "Download the evidence, with the access rules that decided");
const MAX_SUBJECTS_SHOWN = 20;

function entryId(request: PageRequest): number | undefined {
  const written = request.params["entry"] ?? "";
  return /^\d{1,15}$/.test(written) ? Number(written) : undefined;
}

async function entry(site: Site, request: PageRequest): Promise<PageResponse> {
  const id = entryId(request);
  const record = id === undefined ? undefined : await readLedgerEntry(site.kernel, actOf(request), id);
  if (!record) return { kind: "not-found" };
  if (isRefusal(record)) return absent(record);
  const { language } = request;
  const said = (await recordWords(site, request, [record])).get(record.id);
  const proof = await site.kernel.ledger.receiptFor(record.id);
  const title = fill(ENTRY, { id: formatNumber(record.id) })[language];
  const index = proof?.log?.index;
  const claim =
    index === undefined ? CLAIMS.pending[language] : fill(CLAIMS.proved, { index: formatNumber(index) })[language];
  return workbench(site, request, {
    title,
    breadcrumbs: [{ href: PATH, text: TITLE[language] }, { text: title }],
    main: html`${pageHeading({ title, caption: TITLE[language] })}${entryFacts(request, record, said)}${whyLink(request, record)}<section class="zt-sheet"><h2>${PROOF[language]}</h2><p>${claim}</p>${details(
      { summary: HASHES[language], text: html`<pre class="zt-mono zt-pre">${JSON.stringify(proof, null, 2)}</pre>` },
    )}<p><a class="govuk-link" href="${PATH}/${record.id}/receipt">${DOWNLOAD[language]}</a></p><p><a class="govuk-link" href="${PATH}/${record.id}/evidence">${EVIDENCE[language]}</a></p></section>`,
  });
}

/** An auditor goes on from a refused attempt to the policies that refused it. */
function whyLink(request: PageRequest, { id, leaf }: LedgerRecord): Html {
  if (leaf.type !== "refused" || !holds(request, "audit.read")) return NOTHING;
  return html`<p><a class="govuk-link" href="/workbench/access/why?entry=${id}">${WHY[request.language]}</a></p>`;
}

function entryFacts(request: PageRequest, record: LedgerRecord, said: RecordWords | undefined): Html {
  const { language } = request;
  const { content, leaf } = record;
  const subjects = record.subjects
    .slice(0, MAX_SUBJECTS_SHOWN)
    .map(
      ({ kind, id, attributes }) =>
        html`<li>${SUBJECT_KINDS[kind]?.[language] ?? kind} <span class="zt-mono">${id}</span> ${attributes.join(language === "zh" ? "、" : ", ")}</li>`,
    );
  const row = (label: Text, value: string | Html | undefined) =>
    value === undefined || value === "" ? undefined : { key: { text: label[language] }, value: { text: value } };
  const caseLink =
    content?.caseId && said?.caseNumber
      ? html`<a class="govuk-link" href="/workbench/cases/${content.caseId}">${said.caseNumber}</a>`
      : undefined;
  return summaryList({
    rows: [
      row(LABELS.who, said?.who),
      row(LABELS.did, `${said?.did ?? ""} ${said?.what ?? ""}`),
      row(LABELS.at, formatInstant(Temporal.Instant.from(leaf.at), language, { year: true })),
      row(LABELS.case, caseLink),
      row(LABELS.purpose, said?.purpose),
      row(LABELS.basis, content?.legalBasis.join(language === "zh" ? "；" : "; ")),
      row(LABELS.outcome, said?.outcome),
      row(LABELS.subjects, subjects.length === 0 ? undefined : html`<ul class="govuk-list">${subjects}</ul>`),
      row(LABELS.policies, content?.policies?.join(", ")),
    ].filter((one) => one !== undefined),
  });
}

async function receiptFile(site: Site, request: PageRequest): Promise<PageResponse> {
  const id = entryId(request);
  const record = id === undefined ? undefined : await readLedgerEntry(site.kernel, actOf(request), id);
  if (!record) return { kind: "not-found" };
  if (isRefusal(record)) return absent(record);
  const receipt = await site.kernel.ledger.receiptFor(record.id);
  const bytes = Buffer.from(JSON.stringify(receipt, null, 2));
  return { kind: "file", bytes, mediaType: "application/json", name: `ledger-entry-${record.id}.json` };
}

/** How long a page waits for a verification; a longer one goes on, and its page says so. */
const VERIFY_WAIT_MS = 15_000;

interface Running {
  readonly startedAt: string;
  readonly done: Promise<LedgerVerification>;
  result?: LedgerVerification;
}

/** One verification at a time for each node: it reads the whole log. */
const verifications = new WeakMap<Site, Running>();

async function verify(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, "audit.read")) return { kind: "not-found" };
  const current = verifications.get(site);
  const running = current && !current.result ? current : begin(site, request);
  await Promise.race([
    running.done.catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, VERIFY_WAIT_MS)),
  ]);
  return { kind: "redirect", to: `${PATH}/verify` };
}

function begin(site: Site, request: PageRequest): Running {
  const act = actOf(request);
  const running: Running = { startedAt: request.now, done: site.kernel.ledger.verify() };
  verifications.set(site, running);
  running.done.then(
    async (result) => {
      running.result = result;
      await noteVerification(site.kernel, act, result.intact);
    },
    () => verifications.delete(site),
  );
  return running;
}

const INTACT = text(
  "日志完好：{size} 条记录、{checkpoints} 个检查点全部重新计算，与签名相符。",
  "The log is intact: all {size} entries and {checkpoints} checkpoints were computed anew and agree with their signatures.",
);
const TAMPERED = text(
  "发现 {count} 处改动。请立即保全数据库并报告。",
  "{count} rows were tampered with. Preserve the database and report this at once.",
);
const STILL = text(
  "正在核验全部日志，请稍后刷新本页。",
  "The whole log is being verified; please reload this page in a while.",
);
const NEVER = text("本节点启动以来还没有核验过。", "Nothing was verified since this node started.");
const FINDING_HEAD = [text("表", "Table"), text("行", "Row"), text("问题", "Problem")];
const ERASED = text(
  "{count} 条的内容已到期删除，证明仍在。",
  "The content of {count} was erased at the end of its retention; the proof stays.",
);

async function verification(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, "audit.read")) return { kind: "not-found" };
  const { language } = request;
  const current = verifications.get(site);
  const result = current?.result;
  const words = result ? resultOf(result, request) : html`<p>${(current ? STILL : NEVER)[language]}</p>`;
  return workbench(site, request, {
    title: VERIFY[language],
    breadcrumbs: [{ href: PATH, text: TITLE[language] }, { text: VERIFY[language] }],
    main: html`${pageHeading({
      title: VERIFY[language],
      meta: current ? formatInstant(Temporal.Instant.from(current.startedAt), language, { year: true }) : undefined,
    })}${words}<form method="post" action="${PATH}/verify">${formFields(request)}${button({ text: VERIFY[language], preventDoubleClick: true })}</form>`,
  });
}

function resultOf(result: LedgerVerification, request: PageRequest): Html {
  const { language } = request;
  if (result.intact) {
    const said = fill(INTACT, { size: formatNumber(result.size), checkpoints: formatNumber(result.checkpoints) });
    const erased = result.erased > 0 ? html`<p>${fill(ERASED, { count: result.erased })[language]}</p>` : NOTHING;
    return html`<section class="zt-sheet"><p><strong>${said[language]}</strong></p>${erased}</section>`;
  }
  return html`${warningText({ language, text: fill(TAMPERED, { count: result.findings.length })[language] })}${recordTable(
    {
      caption: VERIFY[language],
      head: FINDING_HEAD.map((name) => name[language]),
      rows: result.findings.map(({ table, row, problem }) => [table, row, problem[language]]),
    },
  )}`;
}
