import { ADMINISTER, trust } from "#infrastructure/trust";
import type { Output } from "#kernel/contract/contract";
import { fieldMeta } from "#kernel/contract/field";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { searchBox } from "#ui/components/search-box/search-box";
import { tag } from "#ui/components/tag/tag";
import { warningText } from "#ui/components/warning-text/warning-text";
import { formatInstant } from "#ui/format";
import { holds, refusalPage, workbench } from "../frame.ts";
import { filterLinks, hrefWith, recordTable } from "../table.ts";

const PATH = "/workbench/certificates";
const TITLE = text("数字证书", "Certificates");
const LEAD = text(
  "本节点签发的全部证书，每次签发、暂停和吊销都记入存证日志；吊销一秒内见于在线查询，半分钟内见于吊销列表。",
  "All that this node issued. Each issuance, suspension and revocation is in the ledger; a revocation is told within a second, and listed within half a minute.",
);
const SEARCH = text("按序列号、指纹或者持有者标识查找", "Find by serial number, fingerprint or holder");
const NONE = text("没有符合条件的证书", "No certificate fits");
const REQUESTS = text("查看申请", "Requests");
const ASK = text("申请证书", "Ask for a certificate");
const SHOW = text("显示", "Show");
const VIEWS = {
  all: text("全部", "All"),
  ending: text("即将到期", "Ending soon"),
  suspended: text("已暂停", "Suspended"),
  revoked: text("已吊销", "Revoked"),
} as const;
const HEAD = [
  text("名称", "Name"),
  text("持有者", "Holder"),
  text("序列号", "Serial number"),
  text("到期", "Ends"),
  text("状态", "Status"),
  text("操作", "Action"),
];
const DO = {
  revokeCertificate: text("暂停或者吊销", "Suspend or revoke"),
  reinstateCertificate: text("恢复", "Reinstate"),
};
const ENDS_IN = text("还有 {days} 天", "{days} days left");
const ENDED = text("已到期", "Ended");
const WARNING = text(
  "{count} 张有效证书在 60 天内到期。节点自己保管密钥的证书会自动更换；持有者自己保管密钥的，请通知其重新申请。",
  "{count} certificates that are valid end within 60 days. Those whose keys the node holds are replaced by themselves; ask the holders of the others for new requests.",
);
const NEXT = text("下一页", "Next page");

/** From so many days before its end on a certificate is shown as ending. */
const ENDING_DAYS = 60;
const DAY_MS = 24 * 3_600_000;

type Listed = Output<(typeof trust)["operations"]["listCertificates"]["output"]>["items"][number];
type View = keyof typeof VIEWS;

/** Certificates with search, expiry and the way to end them. */
export function certificatesPage(site: Site): Page {
  return definePage({ path: PATH, audience: "official", get: (request) => show(site, request) });
}

async function show(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, ADMINISTER)) return { kind: "not-found" };
  const { language, query } = request;
  const view: View = Object.hasOwn(VIEWS, query["view"] ?? "") ? (query["view"] as View) : "all";
  const q = query["q"]?.trim() ?? "";
  const found = await find(request, { view, q, after: query["after"] });
  if (isRefusal(found)) return refusalPage(site, request, found, PATH);
  const ending = view === "ending" ? found.items : await endingSoon(request);
  const rows = found.items.map((one) => row(request, one));
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${
      ending.length > 0 ? warningText({ language, text: fill(WARNING, { count: ending.length })[language] }) : NOTHING
    }<div class="zt-actions">${button({ text: ASK[language], href: `${PATH}/requests/new` })}${button({
      text: REQUESTS[language],
      href: `${PATH}/requests`,
      classes: "govuk-button--secondary",
    })}</div>${searchBox({ language, action: PATH, label: SEARCH[language], placeholder: SEARCH[language], value: q })}<div class="zt-filter">${filterLinks(
      SHOW[language],
      (Object.keys(VIEWS) as View[]).map((one) => ({
        href: hrefWith(PATH, { view: one === "all" ? undefined : one }),
        text: VIEWS[one][language],
        current: one === view && q === "",
      })),
    )}</div>${
      rows.length === 0
        ? emptyState({ title: NONE[language] })
        : recordTable({ caption: TITLE[language], head: HEAD.map((one) => one[language]), rows })
    }${
      found.next === undefined
        ? NOTHING
        : html`<p><a class="govuk-link" href="${hrefWith(PATH, { view, q, after: found.next })}">${NEXT[language]}</a></p>`
    }`,
  });
}

const NUMBER = /^[0-9a-f][0-9a-f: ]{7,99}$/i;

async function find(
  request: PageRequest,
  { view, q, after }: { readonly view: View; readonly q: string; readonly after: string | undefined },
) {
  const doors = request.front(trust, { purpose: "administration" });
  const on = { ...(after !== undefined && { after }) };
  // Identifiers of holders have letters or hyphens that no number has; a short word of digits is a holder's too.
  if (q !== "") {
    const byNumber = NUMBER.test(q) ? await doors.listCertificates({ number: q, ...on }) : undefined;
    if (byNumber !== undefined && (isRefusal(byNumber) || byNumber.items.length > 0)) return byNumber;
    return doors.listCertificates({ subjectId: q, ...on });
  }
  if (view === "ending") return { items: await endingSoon(request), next: undefined };
  return doors.listCertificates({ ...(view !== "all" && { status: view }), ...on });
}

/** Those in force that end within the period, the next first. */
async function endingSoon(request: PageRequest): Promise<readonly Listed[]> {
  const doors = request.front(trust, { purpose: "administration" });
  const now = Temporal.Instant.from(request.now);
  const until = now.add({ hours: ENDING_DAYS * 24 });
  const items: Listed[] = [];
  for (let month = now.toString().slice(0, 7); month <= until.toString().slice(0, 7); month = monthAfter(month)) {
    const answer = await doors.listCertificates({ endsIn: month });
    if (isRefusal(answer)) return [];
    items.push(...answer.items.filter((one) => isEnding(one, now.epochMilliseconds)));
  }
  return items.sort((one, other) => (one.notAfter < other.notAfter ? -1 : 1));
}

function monthAfter(month: string): string {
  return Temporal.PlainYearMonth.from(month).add({ months: 1 }).toString();
}

function isEnding({ notAfter, status }: Listed, nowMs: number): boolean {
  const leftMs = Temporal.Instant.from(notAfter).epochMilliseconds - nowMs;
  return (status === "valid" || status === "reinstated") && leftMs > 0 && leftMs < ENDING_DAYS * DAY_MS;
}

function row(request: PageRequest, one: Listed): readonly (Html | string)[] {
  const { language } = request;
  const ends = Temporal.Instant.from(one.notAfter);
  const days = Math.floor((ends.epochMilliseconds - Temporal.Instant.from(request.now).epochMilliseconds) / DAY_MS);
  const left = days < 0 ? ENDED : days < ENDING_DAYS ? fill(ENDS_IN, { days }) : undefined;
  const shape = trust.registers.certificate.schema.shape;
  const words = (field: keyof typeof shape, value: string): Text =>
    fieldMeta(shape[field])?.options?.[value] ?? text(value, value);
  return [
    one.name,
    html`${words("subjectKind", one.subjectKind)[language]}${one.subjectId === "" ? NOTHING : html`<br><code>${one.subjectId}</code>`}`,
    html`<code class="zt-mono zt-break">${one.serial}</code>`,
    html`${formatInstant(ends, language, { year: true })}${left === undefined ? NOTHING : html`<br>${tag({ text: left[language], classes: "zt-tag--wait" })}`}`,
    html`${tag({ text: words("status", one.status)[language], classes: TAGS[one.status] })}${
      one.explanation === undefined ? NOTHING : html`<br><span class="zt-opinion__by">${one.explanation}</span>`
    }`,
    html`${actionsOf(one).map(
      (action) =>
        html`<a class="govuk-link" href="${hrefWith(`/workbench/operations/trust/${action}`, { serial: one.serial })}">${DO[action][language]}<span class="govuk-visually-hidden"> ${one.name}</span></a> `,
    )}`,
  ];
}

const TAGS: Readonly<Record<Listed["status"], string>> = {
  valid: "",
  reinstated: "",
  suspended: "zt-tag--wait",
  revoked: "zt-tag--bad",
};

function actionsOf({ subjectKind, status }: Listed): readonly (keyof typeof DO)[] {
  if (subjectKind === "root" || subjectKind === "issuer" || status === "revoked") return [];
  return status === "suspended" ? ["reinstateCertificate", "revokeCertificate"] : ["revokeCertificate"];
}
