import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { LedgerReceipt } from "#kernel/ledger/receipts";
import { isWithheld } from "#kernel/ledger/records";
import { civilDay } from "#lib/calendar/civil-day";
import { type Html, html } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import { parseCheckpoint } from "#lib/merkle/checkpoint";
import { parseNote } from "#lib/merkle/note";
import { button } from "#ui/components/button/button";
import { details } from "#ui/components/details/details";
import { type Fact, facts } from "#ui/components/facts/facts";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { verdict } from "#ui/components/verdict/verdict";
import { formatInstant, formatNumber } from "#ui/format";
import { portalResponse } from "../frame.ts";
import { type EntryWords, ledgerTeller } from "../ledger-words.ts";
import { ownSubjects } from "../own-subjects.ts";

const ACCESS = text("谁查过我的数据", "Who looked at my data");
const TITLE = text("凭证 {id}", "Receipt {id}");
const LABELS = {
  when: text("时间", "When"),
  who: text("谁", "Who"),
  what: text("做了什么", "What"),
  where: text("哪个系统", "Which system"),
  why: text("用途", "Why"),
  law: text("法律依据", "Legal basis"),
} as const;
const PROVED = text("这件事已经写入存证日志，不能更改", "This is in the ledger and cannot be changed");
const PENDING = text("已经记录，正在写入存证日志", "This is recorded and on its way into the ledger");
const CHECKS = {
  entry: text(
    "记录 {id} 的内容和您在上面看到的一致，由随机数保护，别人猜不出",
    "Entry {id} says what you read above; a random number keeps others from guessing it",
  ),
  place: text(
    "它是存证日志的第 {index} 条，日志现有 {size} 条",
    "It stands at place {index} of the ledger, which now has {size} entries",
  ),
  sealed: text(
    "日志的检查点由本节点签名；谁保存了检查点，谁就能发现日志被改过",
    "The ledger's checkpoint is signed by this node; whoever keeps one can tell if the ledger is ever changed",
  ),
  pending: text("它还没有位置；几秒钟后刷新本页", "It has no place yet; reload this page in a few seconds"),
} as const;
const DOWNLOAD = text("下载凭证（JSON）", "Download the receipt (JSON)");
const EVIDENCE = text("下载证据包（含当时的访问规则）", "Download the evidence (with the access rules that decided)");
const OFFLINE = text(
  "下载后可以用核验工具断网核验，不需要信任本平台。",
  "With the verifier you can check it off line, without trusting this site.",
);
const OBJECT = text(
  "觉得这次查询不应该发生？可以提出异议，由监督部门核查并在三十日内答复。",
  "Do you think that this should not have happened? You can object: the supervising authority looks into it and answers within thirty days.",
);
const HASHES = text("供机器比对的内容", "What machines compare");

/** A receipt of the ledger: in words first, in hashes last. To whom it does not concern, it is not there. */
export function receiptPages(site: Site): readonly Page[] {
  return [
    definePage({
      path: "/receipts/:entry",
      audience: "person",
      get: async (request) => {
        const own = await ownReceipt(site, request, request.params["entry"] ?? "");
        return own ? show(site, request, own) : { kind: "not-found" };
      },
    }),
    definePage({
      path: "/receipts/:entry/file",
      audience: "person",
      get: async (request) => {
        const own = await ownReceipt(site, request, request.params["entry"] ?? "");
        if (!own) return { kind: "not-found" };
        const bytes = new TextEncoder().encode(`${JSON.stringify(own.receipt, undefined, 2)}\n`);
        return { kind: "file", bytes, mediaType: "application/json", name: `receipt-${own.receipt.entryId}.json` };
      },
    }),
  ];
}

export interface OwnReceipt {
  readonly receipt: LedgerReceipt;
  readonly subject: { readonly kind: "person" | "organization"; readonly id: string };
  readonly at: string;
  readonly words: EntryWords;
}

/** A receipt of the reader, or of the organization for which they act; to everyone else it is not there. */
export async function ownReceipt(site: Site, request: PageRequest, entry: string): Promise<OwnReceipt | undefined> {
  if (!/^\d{1,15}$/.test(entry)) return undefined;
  const id = Number(entry);
  const record = await site.kernel.ledger.entry(id);
  if (!record) return undefined;
  // What the law keeps from its subject for a while is as if it were not there until its review date.
  const today = civilDay(Temporal.Instant.from(request.now)).toString();
  if (isWithheld(record, today)) return undefined;
  for (const subject of ownSubjects(request)) {
    const receipt = await site.kernel.ledger.receiptFor(id, subject);
    if (!receipt) continue;
    const part = record.subjects.find((one) => one.kind === subject.kind && one.id === subject.id);
    return { receipt, subject, at: record.leaf.at, words: await ledgerTeller(site, request)(record, part) };
  }
  return undefined;
}

function show(site: Site, request: PageRequest, { receipt, at, words }: OwnReceipt): PageResponse {
  const { language } = request;
  const title = fill(TITLE, { id: formatNumber(receipt.entryId) })[language];
  const said: readonly (readonly [keyof typeof LABELS, string])[] = [
    ["when", formatInstant(Temporal.Instant.from(at), language, { year: true })],
    ["who", words.who],
    ["what", `${words.did}${words.did.endsWith(" ") || language === "zh" ? "" : " "}${words.what}`],
    ["where", words.room],
    ["why", words.purpose],
    ["law", words.basis],
  ];
  return portalResponse(site, request, {
    title,
    breadcrumbs: [{ text: ACCESS[language], href: "/my/access" }, { text: title }],
    main: html`${pageHeading({ title })}${facts({ language, facts: said.map(([label, value]): Fact => ({ label: LABELS[label][language], value })) })}<div class="zt-section">${proof(receipt, language)}</div><p class="zt-section"><a class="govuk-link" href="/verifier">${OFFLINE[language]}</a></p><div class="zt-actions">${button(
      { text: DOWNLOAD[language], href: `/receipts/${receipt.entryId}/file` },
    )}${button({ text: EVIDENCE[language], href: `/receipts/${receipt.entryId}/evidence`, classes: "govuk-button--secondary" })}</div><p class="zt-section"><a class="govuk-link" href="/receipts/${receipt.entryId}/objection">${OBJECT[language]}</a></p><div class="zt-section">${details({ summary: HASHES[language], text: hashes(receipt) })}</div>`,
  });
}

function proof(receipt: LedgerReceipt, language: Language): Html {
  const { log } = receipt;
  const entry = { passed: true, text: fill(CHECKS.entry, { id: formatNumber(receipt.entryId) })[language] };
  if (!log) {
    return verdict({
      language,
      kind: "doubtful",
      title: PENDING[language],
      checks: [entry, { passed: false, text: CHECKS.pending[language] }],
    });
  }
  const size = parseCheckpoint(parseNote(log.checkpoint)?.text ?? "")?.size ?? 0;
  const place = { index: formatNumber(log.index), size: formatNumber(size) };
  return verdict({
    language,
    kind: "genuine",
    title: PROVED[language],
    checks: [
      entry,
      { passed: true, text: fill(CHECKS.place, place)[language] },
      { passed: true, text: CHECKS.sealed[language] },
    ],
  });
}

function hashes(receipt: LedgerReceipt): Html {
  const rows: readonly (readonly [string, string])[] = [
    ["leaf", receipt.leaf],
    ["verifier key", receipt.verifierKey],
    ...(receipt.log
      ? ([
          ["proof", receipt.log.proof.join("\n")],
          ["checkpoint", receipt.log.checkpoint],
        ] as const)
      : []),
  ];
  return html`${rows.map(([name, value]) => html`<p>${name}</p><pre class="zt-mono zt-pre" tabindex="0">${value}</pre>`)}`;
}
