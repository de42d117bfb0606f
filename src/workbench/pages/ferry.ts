import { CARRY, RELEASE, ZONES } from "#infrastructure/network";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { summaryList } from "#ui/components/summary-list/summary-list";
import { tag } from "#ui/components/tag/tag";
import { parseForm } from "#ui/form/parse-form";
import { formPage } from "#ui/form/render-form";
import { formatInstant } from "#ui/format";
import { actionForm, askedOf, FERRY, ferryDoors, isFerryPost, type ShownForm } from "../ferry-forms.ts";
import { OUTCOMES, PACKAGE_STATES, PARTNER_STATES, tagOf } from "../ferry-words.ts";
import { doneBanner, formFields, holds, postOf, problems, refusalPage, workbench } from "../frame.ts";
import { officialNames } from "../names.ts";
import { recordTable } from "../table.ts";

export const FERRY_TITLE = text("区域间摆渡", "Ferry between zones");
const LEAD = text(
  "不同区域的节点之间不连线。需要传送的，由一名工作人员提出，另一名放行，写到介质上送去。",
  "Nodes of different zones share no wire. What must cross is proposed by one official, released by another, and carried on media.",
);
const PACKAGES = text("送出", "Going out");
const ARRIVALS = text("收到", "Arrived");
const PARTNERS = text("对方节点", "Nodes on the other side");
const NEW_PACKAGE = text("新建摆渡包", "Begin a package");
const NEW_PARTNER = text("登记对方节点", "Register a node on the other side");
const NONE = text("暂无", "None yet");
const OWN_CARD = text("本节点的摆渡卡", "This node's card");
const DOWNLOAD_CARD = text("下载摆渡卡", "Download the card");
const FINGERPRINT = text("指纹", "Fingerprint");
const NO_CARD = text(
  "尚未开通。请运维人员执行 npx zhengtong ferry card。",
  "Not opened yet: whoever runs the node calls npx zhengtong ferry card.",
);
const NUMBER = text("序号", "Number");
const NODE = text("节点", "Node");
const ZONE = text("区域", "Zone");
const STATE = text("状态", "State");
const PURPOSE = text("用途", "Purpose");
const AT = text("时间", "At");
const WHO = text("登记人", "Registered by");
const REASON = text("理由", "Reason");
const OUTWARD = text("允许向较低保护区域传出", "May leave for a less protected zone");
const COUNTS = text("已送出／已收到", "Sent / received");
const [YES, NO] = [text("是", "Yes"), text("否", "No")];
const COMPARE = text(
  "请当面或打电话，让对方读出指纹，逐位核对后再确认。",
  "Have the other side read the fingerprint to you, in person or by telephone, and compare all of it first.",
);
const OWN = text("这是您登记的，须由另一名工作人员确认。", "You registered this: another official confirms it.");

/** The ferry: this node's card, nodes on the other side, what goes out and what arrived. */
export function ferryPages(site: Site): readonly Page[] {
  return [
    definePage({ path: FERRY, audience: "official", get: (request) => overview(site, request) }),
    definePage({ path: `${FERRY}/card.json`, audience: "official", get: (request) => cardFile(site, request) }),
    definePage({
      path: `${FERRY}/partners/new`,
      audience: "official",
      get: (request) => askPartner(site, request, {}),
      post: (request) => sendPartner(site, request),
    }),
    definePage({
      path: `${FERRY}/partners/:id`,
      audience: "official",
      get: (request) => showPartner(site, request, {}),
      post: (request) => changePartner(site, request),
    }),
  ];
}

async function overview(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!isFerryPost(request)) return { kind: "not-found" };
  const doors = ferryDoors(request);
  const [card, partners, packages, arrivals] = [
    await doors.ownCard({}),
    await doors.listPartners({}),
    await doors.listPackages({}),
    await doors.listArrivals({}),
  ];
  for (const answer of [partners, packages, arrivals]) if (isRefusal(answer)) return refusalPage(site, request, answer);
  if (isRefusal(partners) || isRefusal(packages) || isRefusal(arrivals)) return { kind: "not-found" };
  const { language } = request;
  const at = (instant: string) => formatInstant(Temporal.Instant.from(instant), language, { year: true });
  const canPack = holds(request, CARRY) && partners.items.some(({ state }) => state === "confirmed");
  return workbench(site, request, {
    title: FERRY_TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: FERRY_TITLE[language], lead: LEAD[language] })}${
      canPack
        ? html`<div class="zt-actions">${button({ text: NEW_PACKAGE[language], href: `${FERRY}/packages/new` })}</div>`
        : NOTHING
    }${section(request, PACKAGES, {
      head: [NODE, PURPOSE, NUMBER, AT, STATE],
      rows: packages.items.map((one) => [
        html`<a class="govuk-link" href="${FERRY}/packages/${one.id}">${one.node}</a>`,
        one.purpose,
        one.sequence === undefined ? "" : String(one.sequence),
        at(one.madeAt),
        stateTag(request, one.outcome ?? one.state, one.outcome ? OUTCOMES : PACKAGE_STATES),
      ]),
    })}${section(request, ARRIVALS, {
      head: [NODE, NUMBER, AT, STATE],
      rows: arrivals.items.map((one) => [
        html`<a class="govuk-link" href="${FERRY}/arrivals/${one.id}">${one.from}</a>`,
        String(one.sequence),
        at(one.arrivedAt),
        stateTag(request, one.outcome, OUTCOMES),
      ]),
    })}${section(request, PARTNERS, {
      head: [NODE, ZONE, COUNTS, STATE],
      rows: partners.items.map((one) => [
        html`<a class="govuk-link" href="${FERRY}/partners/${one.id}">${one.name}（${one.node}）</a>`,
        ZONES[one.zone][language],
        `${one.sent}／${one.received}`,
        stateTag(request, one.state, PARTNER_STATES),
      ]),
    })}${
      holds(request, CARRY)
        ? html`<div class="zt-actions">${button({ text: NEW_PARTNER[language], href: `${FERRY}/partners/new`, classes: "govuk-button--secondary" })}</div>`
        : NOTHING
    }<section class="zt-sheet"><h2>${OWN_CARD[language]}</h2>${
      isRefusal(card)
        ? html`<p>${NO_CARD[language]}</p>`
        : html`<p>${FINGERPRINT[language]} ${fingerprint(card.fingerprint)}</p><p><a class="govuk-link" href="${FERRY}/card.json" download>${DOWNLOAD_CARD[language]}</a></p>`
    }</section>`,
  });
}

function section(
  request: PageRequest,
  title: Text,
  table: { readonly head: readonly Text[]; readonly rows: readonly (readonly (Html | string)[])[] },
): Html {
  const { language } = request;
  const body =
    table.rows.length === 0
      ? emptyState({ title: NONE[language] })
      : recordTable({
          caption: title[language],
          head: table.head.map((one) => one[language]),
          rows: table.rows,
        });
  return html`<h2 class="govuk-heading-m">${title[language]}</h2>${body}`;
}

function stateTag({ language }: PageRequest, state: string, words: Readonly<Record<string, Text>>): Html {
  return tag({ text: words[state]?.[language] ?? state, classes: tagOf(state) });
}

/** In groups that can be read out. */
export function fingerprint(value: string): Html {
  return html`<code class="zt-mono zt-break">${value.match(/.{4}/g)?.join(" ") ?? ""}</code>`;
}

async function cardFile(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!isFerryPost(request)) return { kind: "not-found" };
  const card = await ferryDoors(request).ownCard({});
  if (isRefusal(card)) return refusalPage(site, request, card, FERRY);
  return {
    kind: "file",
    bytes: new TextEncoder().encode(`${card.card}\n`),
    mediaType: "application/json",
    name: "ferry-card.json",
  };
}

const PARTNER_FIELDS = askedOf("proposePartner");

function askPartner(site: Site, request: PageRequest, shown: ShownForm): Promise<PageResponse> {
  if (!holds(request, CARRY)) return Promise.resolve({ kind: "not-found" });
  const { language } = request;
  return Promise.resolve(
    workbench(site, request, {
      title: NEW_PARTNER[language],
      hasErrors: shown.errors !== undefined || shown.problem !== undefined,
      breadcrumbs: [{ href: FERRY, text: FERRY_TITLE[language] }, { text: NEW_PARTNER[language] }],
      main: html`${shown.problem ? problems(request, [{ text: shown.problem }]) : NOTHING}${formPage({
        language,
        title: NEW_PARTNER[language],
        lead: COMPARE[language],
        fields: PARTNER_FIELDS,
        action: `${FERRY}/partners/new`,
        token: formFields(request),
        values: shown.values ?? {},
        errors: shown.errors,
      })}`,
    }),
  );
}

async function sendPartner(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, CARRY)) return { kind: "not-found" };
  const { values, errors, input } = parseForm(PARTNER_FIELDS, request.fields);
  if (Object.keys(errors).length > 0) return askPartner(site, request, { values, errors });
  // What was read is checked by the operation's own schema.
  const done = await ferryDoors(request).proposePartner(input as never);
  if (!isRefusal(done)) return { kind: "redirect", to: `${FERRY}/partners/${done.id}?done=1` };
  if (done.needs) return refusalPage(site, request, done, FERRY);
  return askPartner(site, request, { values, problem: done.text });
}

async function partnerOf(request: PageRequest) {
  const id = request.params["id"] ?? "";
  if (!isFerryPost(request) || !isUuid(id)) return undefined;
  const listed = await ferryDoors(request).listPartners({});
  return isRefusal(listed) ? undefined : listed.items.find((one) => one.id === id);
}

const DECIDE = text("确认对方节点", "Confirm this node");
const END = text("停用", "End");
const END_LEAD = text(
  "停用后不再向它传送，也不再接收它的包。需要时可凭新的摆渡卡重新登记。",
  "Nothing is sent to it or taken from it any more; it can be registered again by a new card.",
);
const RECEIPT = text("登记回执", "Take a receipt");

async function showPartner(site: Site, request: PageRequest, shown: ShownForm): Promise<PageResponse> {
  const partner = await partnerOf(request);
  if (!partner) return { kind: "not-found" };
  const { language } = request;
  const names = await officialNames(request, [partner.proposedBy]);
  const path = `${FERRY}/partners/${partner.id}`;
  const isOwn = partner.proposedBy === postOf(request).officialId;
  const rows: readonly (readonly [Text, Html | string])[] = [
    [STATE, stateTag(request, partner.state, PARTNER_STATES)],
    [NODE, html`<code>${partner.node}</code>`],
    [ZONE, ZONES[partner.zone][language]],
    [FINGERPRINT, fingerprint(partner.fingerprint)],
    [OUTWARD, (partner.outward ? YES : NO)[language]],
    [REASON, partner.reason],
    [WHO, names.get(partner.proposedBy) ?? partner.proposedBy],
    [COUNTS, `${partner.sent}／${partner.received}`],
  ];
  const release = holds(request, RELEASE);
  const common = { path, shown };
  return workbench(site, request, {
    title: partner.name,
    hasErrors: shown.errors !== undefined || shown.problem !== undefined,
    breadcrumbs: [{ href: FERRY, text: FERRY_TITLE[language] }, { text: partner.name }],
    main: html`${doneBanner(request)}${shown.problem ? problems(request, [{ text: shown.problem }]) : NOTHING}${pageHeading({ title: partner.name, caption: PARTNERS[language] })}${summaryList(
      { rows: rows.map(([key, value]) => ({ key: { text: key[language] }, value: { text: value } })) },
    )}${
      partner.state === "proposed" && release
        ? isOwn
          ? insetText({ text: OWN[language] })
          : html`${insetText({ text: COMPARE[language] })}${actionForm(request, { ...common, does: "decide", title: DECIDE, fields: askedOf("decidePartner", ["id"]) })}`
        : NOTHING
    }${
      partner.state === "confirmed" && holds(request, CARRY)
        ? actionForm(request, {
            ...common,
            does: "receipt",
            title: RECEIPT,
            fields: askedOf("takeReceipt", ["partner"]),
          })
        : NOTHING
    }${
      partner.state === "confirmed" && release
        ? actionForm(request, {
            ...{ ...common, does: "end", title: END, submit: END, fields: [] },
            lead: html`<p>${END_LEAD[language]}</p>`,
          })
        : NOTHING
    }`,
  });
}

async function changePartner(site: Site, request: PageRequest): Promise<PageResponse> {
  const partner = await partnerOf(request);
  const does = String(request.fields["do"] ?? "");
  const fields = { decide: askedOf("decidePartner", ["id"]), receipt: askedOf("takeReceipt", ["partner"]), end: [] }[
    does
  ];
  if (!partner || !fields) return { kind: "not-found" };
  const { values, errors, input } = parseForm(fields, request.fields);
  if (Object.keys(errors).length > 0) return showPartner(site, request, { does, values, errors });
  const doors = ferryDoors(request);
  const { id } = partner;
  // What was read is checked by the operation's own schema.
  const done =
    does === "decide"
      ? await doors.decidePartner({ id, ...input } as never)
      : does === "receipt"
        ? await doors.takeReceipt({ partner: id, ...input } as never)
        : await doors.endPartner({ id });
  if (isRefusal(done)) {
    if (done.needs) return refusalPage(site, request, done, FERRY);
    return showPartner(site, request, { does, values, problem: done.text });
  }
  const to = does === "receipt" ? `${FERRY}/packages/${done.id}` : `${FERRY}/partners/${id}`;
  return { kind: "redirect", to: `${to}?done=1` };
}
