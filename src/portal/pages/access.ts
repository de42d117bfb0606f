import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { LedgerRecord } from "#kernel/ledger/records";
import { readApplications } from "#kernel/services/application";
import { civilDay } from "#lib/calendar/civil-day";
import { html, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import { accessList, type DataAccess } from "#ui/components/access-list/access-list";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pagination } from "#ui/components/pagination/pagination";
import { portalResponse } from "../frame.ts";
import { ledgerTeller } from "../ledger-words.ts";
import { ownSubjects } from "../own-subjects.ts";

const MY = text("我的", "My affairs");
const TITLE = text("谁查过我的数据", "Who looked at my data");
const LEAD = text(
  "每一次查询、每一次被拒绝的尝试，都在应答之前记入存证日志，谁都不能事后改掉。觉得不应该的，打开它的凭证即可提出异议。",
  "Each look, and each attempt that was refused, is written into the ledger before it is answered, and nobody can change it afterwards. If one should not have been, open its receipt to object.",
);
const OBJECTIONS = text("我的查询异议和答复", "My objections, and the answers");
const ABOUT_ME = text("关于我本人", "About me");
const ABOUT_REPRESENTED = text("关于{name}", "About {name}");
const LOOKS = text("查询和被拒绝的尝试", "Looks and refused attempts");
const EVERYTHING = text("全部记录", "Everything on record");
const WAS_KEPT = text("。曾依法延后告知：{ground}", ". It was kept from you for a while: {ground}");
const NONE = text("没有记录", "Nothing is on record");
const OLDER = text("更早的", "Older");
const PAGE_LENGTH = 20;
/** Records that are looked through for one page of looks. */
const READ_AT_ONCE = 100;
const READS_MAX = 5;
const LOOKING: ReadonlySet<string> = new Set(["read", "refused", "exchange", "export"]);

/** What the ledger holds about the reader, or the one for whom they act. */
export function accessPage(site: Site): Page {
  return definePage({ path: "/my/access", audience: "person", get: (request) => list(site, request) });
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language, session } = request;
  const [self, represented] = ownSubjects(request);
  const subject = request.query["of"] === "represented" && represented ? represented : self;
  const everything = request.query["show"] === "all";
  const { records, next } = await recordsAbout(site, request, { subject, everything });
  const accesses = await shown(site, request, records);
  const of = subject === represented ? "represented" : "me";
  const link = (query: string, words: string, current: boolean) =>
    current ? html`<strong>${words}</strong>` : html`<a class="govuk-link" href="/my/access?${query}">${words}</a>`;
  const show = everything ? "&show=all" : "";
  return portalResponse(site, request, {
    title: TITLE[language],
    breadcrumbs: [{ text: MY[language], href: "/my" }, { text: TITLE[language] }],
    main: html`<div class="zt-heading"><h1>${TITLE[language]}</h1><p class="zt-heading__lead">${LEAD[language]}</p><p><a class="govuk-link" href="/my/objections">${OBJECTIONS[language]}</a></p></div><div class="zt-actions">${link(
      `of=me${show}`,
      ABOUT_ME[language],
      of === "me",
    )}${
      represented && session?.onBehalfOf
        ? link(
            `of=represented${show}`,
            fill(ABOUT_REPRESENTED, { name: session.onBehalfOf.name })[language],
            of !== "me",
          )
        : NOTHING
    }</div><div class="zt-actions">${link(`of=${of}`, LOOKS[language], !everything)}${link(`of=${of}&show=all`, EVERYTHING[language], everything)}</div><div class="zt-section">${
      accesses.length > 0 ? accessList({ language, accesses }) : emptyState({ title: NONE[language] })
    }</div>${next === undefined ? NOTHING : pagination({ language, next: { href: `/my/access?of=${of}${show}&before=${next}`, text: OLDER[language] } })}`,
  });
}

async function recordsAbout(
  site: Site,
  request: PageRequest,
  about: { readonly subject: { kind: "person" | "organization"; id: string }; readonly everything: boolean },
): Promise<{ readonly records: readonly LedgerRecord[]; readonly next: number | undefined }> {
  const today = civilDay(Temporal.Instant.from(request.now)).toString();
  const asked = /^\d{1,15}$/.exec(request.query["before"] ?? "")?.[0];
  let before = asked === undefined ? undefined : Number(asked);
  const found: LedgerRecord[] = [];
  for (let reads = 0; reads < READS_MAX; reads += 1) {
    const page = await site.kernel.ledger.bySubject(about.subject, { today, limit: READ_AT_ONCE, before });
    for (const record of page.records) {
      if (!about.everything && !LOOKING.has(record.leaf.type)) continue;
      if (found.length === PAGE_LENGTH) return { records: found, next: found.at(-1)?.id };
      found.push(record);
    }
    before = page.next;
    if (before === undefined) return { records: found, next: undefined };
  }
  return { records: found, next: before };
}

/** What was kept from the reader for a while says so, and by which law, now that they see it. */
function withSecrecy(basis: string, { content }: LedgerRecord, language: Language): string {
  const ground = content?.secrecy?.ground;
  return ground === undefined ? basis : `${basis}${fill(WAS_KEPT, { ground })[language]}`;
}

async function shown(
  site: Site,
  request: PageRequest,
  records: readonly LedgerRecord[],
): Promise<readonly DataAccess[]> {
  const { language } = request;
  const tell = ledgerTeller(site, request);
  const caseIds = [
    ...new Set(records.flatMap(({ content }) => (content?.caseId === undefined ? [] : [content.caseId]))),
  ];
  const applications = await readApplications(site.kernel, site.kernel.database, caseIds);
  return Promise.all(
    records.map(async (record): Promise<DataAccess> => {
      const words = await tell(record, record.subjects[0]);
      const caseId = record.content?.caseId;
      const number = applications.get(caseId ?? "")?.number;
      return {
        at: Temporal.Instant.from(record.leaf.at),
        by: words.who,
        did: words.did,
        what: words.what,
        register: words.room,
        purpose: words.purpose,
        basis: withSecrecy(words.basis, record, language),
        case: caseId !== undefined && number !== undefined ? { href: `/cases/${caseId}`, number } : undefined,
        refused: words.refused,
        receipt: { index: record.id, href: `/receipts/${record.id}` },
      };
    }),
  );
}
