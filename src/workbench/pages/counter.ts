import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { formToken, isFormToken } from "#kernel/http/form-token";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { knownService } from "#kernel/services/application";
import { counterDrafts } from "#kernel/services/counter";
import { startDraft } from "#kernel/services/drafts";
import type { Applicant } from "#kernel/system/context";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { button } from "#ui/components/button/button";
import { facts } from "#ui/components/facts/facts";
import { notificationBanner } from "#ui/components/notification-banner/notification-banner";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { radios } from "#ui/components/radios/radios";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formErrorSummary, renderForm } from "#ui/form/render-form";
import { formatInstant, maskIdentityNumber } from "#ui/format";
import { formFields, holds, problems, refusalPage, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";

export const COUNTER_DUTY = "counter.file";
export const TITLE = text("窗口代办", "Counter");
const LEAD = text(
  "当事人到场、出示证件原件后，由您代其填写和提交；由当事人在打印的申请表上签名。",
  "Someone is here in person and shows the original document. You fill in and file for them; they sign the printed form.",
);
const FIND = text("查询到场人员", "Find the person who came");
const FOUND = text("到场人员", "The person who came");
const NAME = text("姓名", "Name");
const DOCUMENT = text("证件号码", "Document number");
const COMPARE = text("请对照证件原件和本人核对。", "Compare with the original document and with the person.");
const BEHALF = text("代表谁办理", "On whose behalf");
const OWN_NAME = text("本人（{name}）", "In their own name ({name})");
const ITEM = text("办理事项", "What for");
const START = text("开始填写", "Begin");
const NOTHING_FITS = text(
  "此人没有可以代表的单位，而现有事项只由单位申请。可先办理登记或授权。",
  "This person can act for no organization, and what can be applied for here is for organizations. Registration or an authorization comes first.",
);
const DRAFTS = text("未提交的代办", "Not filed yet");
const DISCARD = text("放弃", "Discard");
const DISCARDED = text("代办草稿已放弃，内容已删除。", "The draft was discarded and its contents deleted.");
const HEAD = {
  applicant: text("申请人", "Applicant"),
  item: text("事项", "Service"),
  updated: text("最后填写", "Last edited"),
  act: text("操作", "Action"),
};
const CHOOSE_BOTH = text("请选择代表谁和办理什么", "Choose on whose behalf and what for");
/** Who applies for an item, where not everybody can. */
const APPLIED_FOR_BY = {
  person: text("由个人以本人名义申请", "Applied for by persons, in their own name"),
  organization: text("由单位申请", "Applied for by organizations"),
};
const NOT_BY = {
  person: text(
    "“{item}”由单位申请。请选择到场人员所代表的单位，或者另选事项。",
    "{item} is applied for by organizations. Choose one that the person acts for, or another service.",
  ),
  organization: text(
    "“{item}”由个人申请。请选择“本人”，或者另选事项。",
    "{item} is applied for by persons. Choose their own name, or another service.",
  ),
};

/** A clerk files for someone who came in person: finding them, and beginning a draft. */
export function counterPages(site: Site): readonly Page[] {
  return [
    definePage({
      path: "/workbench/counter",
      audience: "official",
      get: (request) => find(site, request, {}),
      post: (request) => findPerson(site, request),
    }),
    definePage({ path: "/workbench/counter/start", audience: "official", post: (request) => start(site, request) }),
  ];
}

const FIELDS = formDescriptors(population.operations.findByDocument.input);

async function find(
  site: Site,
  request: PageRequest,
  shown: { readonly values?: FormValues; readonly errors?: FormErrors; readonly problem?: Text },
): Promise<PageResponse> {
  if (!holds(request, COUNTER_DUTY)) return { kind: "not-found" };
  const { language } = request;
  const context = { language, values: shown.values, errors: shown.errors };
  return workbench(site, request, {
    title: TITLE[language],
    hasErrors: shown.errors !== undefined || shown.problem !== undefined,
    main: html`${discarded(request)}${shown.problem ? problems(request, [{ text: shown.problem, href: "#documentNumber" }]) : NOTHING}${formErrorSummary(FIELDS, context)}${pageHeading(
      { title: TITLE[language], lead: LEAD[language] },
    )}<section class="zt-sheet"><h2>${FIND[language]}</h2><form action="/workbench/counter" method="post" novalidate>${formFields(request)}${renderForm(FIELDS, context)}${button({ text: FIND[language], preventDoubleClick: true })}</form></section>${await draftList(site, request)}`,
  });
}

function discarded({ language, query }: PageRequest): Html {
  if (query["discarded"] !== "1") return NOTHING;
  return notificationBanner({ language, type: "success", text: DISCARDED[language] });
}

async function draftList(site: Site, request: PageRequest): Promise<Html> {
  const { language } = request;
  const drafts = await counterDrafts(site.kernel, request.act({ purpose: "case" }));
  if (drafts.length === 0) return NOTHING;
  return html`<section class="zt-section"><h2>${DRAFTS[language]}</h2>${recordTable({
    caption: DRAFTS[language],
    head: [HEAD.applicant[language], HEAD.item[language], HEAD.updated[language], HEAD.act[language]],
    rows: drafts.map((draft) => [
      html`<a class="govuk-link" href="/workbench/counter/${draft.id}">${draft.applicantName}</a>`,
      knownService(site.kernel, draft).service.title[language],
      formatInstant(Temporal.Instant.from(draft.updatedAt), language),
      html`<a class="govuk-link" href="/workbench/counter/${draft.id}/discard">${DISCARD[language]}<span class="govuk-visually-hidden"> ${draft.applicantName}</span></a>`,
    ]),
  })}</section>`;
}

async function findPerson(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, COUNTER_DUTY)) return { kind: "not-found" };
  const parsed = parseForm(FIELDS, request.fields);
  const { values } = parsed;
  if (Object.keys(parsed.errors).length > 0) return find(site, request, { values, errors: parsed.errors });
  const doors = request.front(population, { purpose: "case" });
  const person = await doors.findByDocument(parsed.input as Parameters<typeof doors.findByDocument>[0]);
  if (!isRefusal(person)) return choose(site, request, person);
  const issues = person.issues.map((issue): [string, Text] => [issue.path.split(".")[0] ?? "", issue.text]);
  return find(site, request, {
    values,
    ...(issues.length > 0 ? { errors: Object.fromEntries(issues) } : { problem: person.text }),
  });
}

interface Visitor {
  readonly id: string;
  readonly name: string;
  readonly documentNumber: string;
}

/** The person stands here: for whom do they act, and what for? */
async function choose(site: Site, request: PageRequest, person: Visitor, problem?: Text): Promise<PageResponse> {
  const { language } = request;
  const asNode = request.front(legalEntities, { purpose: "case", asNode: legalEntities.id });
  const represented = await asNode.organizationsOf({ person: person.id });
  const items = itemsOf(site);
  const forPersons = items.some(({ applicants }) => applicants.includes("person"));
  const behalf = [
    ...(forPersons ? [{ value: "person", text: fill(OWN_NAME, { name: person.name })[language] }] : []),
    ...(isRefusal(represented) ? [] : represented.items).map((one) => ({
      value: one.id,
      text: one.name,
      hint: { text: one.creditCode },
    })),
  ];
  const form = html`<form action="/workbench/counter/start" method="post" novalidate>${formFields(request)}<input type="hidden" name="person" value="${person.id}"><input type="hidden" name="name" value="${person.name}"><input type="hidden" name="document" value="${maskIdentityNumber(person.documentNumber)}"><input type="hidden" name="proof" value="${proofOf(site, request, person)}">${radios(
    {
      language,
      idPrefix: "behalf",
      name: "behalf",
      value: behalf.length === 1 ? behalf[0]?.value : undefined,
      fieldset: { legend: { text: BEHALF[language] } },
      items: behalf,
    },
  )}${radios({
    language,
    idPrefix: "item",
    name: "item",
    value: items.length === 1 ? items[0]?.value : undefined,
    fieldset: { legend: { text: ITEM[language] } },
    items: items.map(({ value, title, applicants: [only, ...others] }) => ({
      value,
      text: title[language],
      ...(only !== undefined && others.length === 0 && { hint: { text: APPLIED_FOR_BY[only][language] } }),
    })),
  })}${button({ text: START[language], preventDoubleClick: true })}</form>`;
  return workbench(site, request, {
    title: FOUND[language],
    hasErrors: problem !== undefined,
    breadcrumbs: [{ href: "/workbench/counter", text: TITLE[language] }, { text: person.name }],
    main: html`${problem ? problems(request, [{ text: problem, href: "#behalf" }]) : NOTHING}${pageHeading({
      title: FOUND[language],
      lead: COMPARE[language],
    })}<section class="zt-sheet">${facts({
      language,
      reader: "official",
      facts: [
        { label: NAME[language], value: person.name },
        { label: DOCUMENT[language], value: maskIdentityNumber(person.documentNumber) },
      ],
    })}</section><section class="zt-sheet">${behalf.length === 0 ? html`<p>${NOTHING_FITS[language]}</p>` : form}</section>`,
  });
}

function itemsOf(site: Site) {
  return [...site.kernel.systems.values()].flatMap(({ contract }) =>
    Object.entries(contract.services).map(([name, { title, applicants }]) => ({
      value: `${contract.id}.${name}`,
      title,
      applicants,
    })),
  );
}

/** That this clerk found this person by a document: without it nobody begins a draft for them. */
function proofOf(site: Site, request: PageRequest, { id, name }: Pick<Visitor, "id" | "name">): string {
  return formToken(site.kernel.vault.key("form-token"), `counter ${request.session?.id ?? ""} ${id} ${name}`);
}

async function start(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, COUNTER_DUTY)) return { kind: "not-found" };
  const given = (name: string) => fieldOf(request.fields, name);
  const person = { id: given("person"), name: given("name"), documentNumber: given("document") };
  const keys = site.kernel.vault.keys("form-token");
  const bearer = `counter ${request.session?.id ?? ""} ${person.id} ${person.name}`;
  if (!isUuid(person.id) || !isFormToken(keys, bearer, given("proof"))) return { kind: "not-found" };
  const [room = "", service = ""] = given("item").split(".");
  const behalf = given("behalf");
  const item = itemsOf(site).find(({ value }) => value === given("item"));
  if (item === undefined || !(behalf === "person" || isUuid(behalf))) {
    return choose(site, request, person, CHOOSE_BOTH);
  }
  const kind = behalf === "person" ? "person" : "organization";
  if (!item.applicants.includes(kind)) {
    const [zh, en] = (["zh", "en"] as const).map(
      (language) => fill(NOT_BY[kind], { item: item.title[language] })[language],
    );
    return choose(site, request, person, text(zh ?? "", en ?? ""));
  }
  const applicant: Applicant =
    behalf === "person"
      ? { kind: "person", id: person.id, personId: person.id }
      : { kind: "organization", id: behalf, personId: person.id };
  const draft = await startDraft(site.kernel, request.act({ purpose: "case" }), { room, service }, applicant);
  if (isRefusal(draft)) return refusalPage(site, request, draft, "/workbench/counter");
  return { kind: "redirect", to: `/workbench/counter/${draft.id}` };
}
