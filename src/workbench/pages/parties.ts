import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { formToken, isFormToken } from "#kernel/http/form-token";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { caseForOfficial, type OfficialCasePage } from "#kernel/services/case-views";
import { nameParty, PARTY_FORM, removeParty } from "#kernel/services/name-party";
import type { Party } from "#kernel/services/parties";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { button } from "#ui/components/button/button";
import { details } from "#ui/components/details/details";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { radios } from "#ui/components/radios/radios";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formErrorSummary, renderForm } from "#ui/form/render-form";
import { PARTIES, partyState, partyStatements } from "../case-parties.ts";
import { doneBanner, formFields, postOf, problems, refusalPage, workbench } from "../frame.ts";
import { DELIVERY_FIELDS, deliveryForms, type EnteredForm, SAID_FIELDS, statementForm } from "../party-forms.ts";

const LEAD = text(
  "直接关系他人重大利益的，应当告知该利害关系人；其陈述、申辩和听证意见必须听取（行政许可法第三十六条、第四十七条）。在此列明的人，随审查环节的“先告知权利”收到告知书；在其答复或者期限届满之前不能作出决定。",
  "Whoever's weighty interests are touched is told, and heard (Licensing Law, arts. 36 and 47). Those named here get the notice when the examiner chooses to tell them of their rights; nothing is decided until they have answered or their time is over.",
);
const NONE = text("还没有列明利害关系人。", "No interested party is named yet.");
const ADD = text("列明利害关系人", "Name an interested party");
const PERSON = text("从人口库查找个人", "Find a person in the population register");
const ORGANIZATION = text("从法人库查找单位", "Find an organization in the register");
const UNREGISTERED = text("登记库中没有的，直接填写", "Not in any register: enter them");
const FIND = text("查找", "Find");
const FOUND = text("查到：{name}。请写明其涉及的重大利益。", "Found: {name}. Say which weighty interest is touched.");
const NAME_THEM = text("列明", "Name them");
const KIND = text("是个人还是单位", "A person or an organization?");
const KINDS = { person: text("个人", "A person"), organization: text("单位", "An organization") } as const;
const REMOVE = text("列错了，撤下", "Named by mistake: take off");
const WHY = text("事由", "Why");
const CASE = text("返回办件", "Back to the case");
const NO_HEAD = text(
  "该单位没有可以送达的法定代表人（负责人、经营者）登记信息。",
  "The register names nobody who represents this organization.",
);

const PERSON_FIELDS = formDescriptors(population.operations.findByDocument.input);
const CODE_FIELDS = formDescriptors(legalEntities.operations.findByCode.input);
const PARTY_FIELDS = formDescriptors(PARTY_FORM);
const PERSON_PREFIX = "person";
const CODE_PREFIX = "organization";

/** The interested parties of a case: who they are, what reached them, what they said. */
export function partyPages(site: Site): readonly Page[] {
  const path = "/workbench/cases/:caseId/parties";
  return [
    definePage({
      path,
      audience: "official",
      get: (request) => show(site, request, {}),
      post: (request) => name(site, request),
    }),
    definePage({ path: `${path}/find`, audience: "official", post: (request) => find(site, request) }),
    definePage({ path: `${path}/:party/remove`, audience: "official", post: (request) => remove(site, request) }),
  ];
}

/** The case, where this official may read it. */
export async function readPartyCase(site: Site, request: PageRequest): Promise<OfficialCasePage | undefined> {
  const caseId = request.params["caseId"] ?? "";
  if (!isUuid(caseId)) return undefined;
  const purpose = postOf(request).post.duties.includes("audit.read") ? "supervision" : "case";
  const page = await caseForOfficial(site.kernel, request.act({ purpose, caseId }), caseId);
  return isRefusal(page) || !page.service.procedure.parties ? undefined : page;
}

/** Whether an official's post keeps the interested parties of a case. */
export function keepsParties(
  request: PageRequest,
  page: Pick<OfficialCasePage, "service" | "application" | "view">,
): boolean {
  const { post } = postOf(request);
  const duties = page.service.procedure.parties?.duties ?? [];
  const own = post.authority === page.application.authority;
  return own && page.view.status === "running" && duties.some((duty) => post.duties.includes(duty));
}

interface Registered {
  readonly kind: Party["kind"];
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly address: string;
}

interface Shown {
  readonly problem?: Text;
  readonly find?: { readonly prefix: string; readonly values: FormValues; readonly errors: FormErrors };
  readonly found?: Registered;
  /** A record about one of the parties, as it was sent. */
  readonly entered?: EnteredForm;
  readonly values?: FormValues;
  readonly errors?: FormErrors;
}

export async function show(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const page = await readPartyCase(site, request);
  if (!page) return { kind: "not-found" };
  const { language } = request;
  const { application, parties } = page;
  const keeps = keepsParties(request, page);
  const context = { language, values: shown.values, errors: shown.errors };
  const listed = parties.map((party) => partyPart(request, page, party, keeps ? shown : undefined));
  return workbench(site, request, {
    title: `${PARTIES[language]} ${application.number}`,
    hasErrors: [shown.problem, shown.errors, shown.find, shown.entered].some((wrong) => wrong !== undefined),
    breadcrumbs: [
      { href: "/workbench", text: text("我的待办", "My tasks")[language] },
      { href: `/workbench/cases/${application.caseId}`, text: application.number },
      { text: PARTIES[language] },
    ],
    main: html`${doneBanner(request)}${shown.problem ? problems(request, [{ text: shown.problem, href: "#add" }]) : NOTHING}${
      shown.errors ? formErrorSummary(PARTY_FIELDS, context) : NOTHING
    }${shown.find ? findSummary(request, shown.find) : NOTHING}${shown.entered ? recordSummary(request, page, shown.entered) : NOTHING}${pageHeading(
      {
        title: PARTIES[language],
        caption: `${page.service.title[language]} · ${application.number}`,
        lead: LEAD[language],
      },
    )}${parties.length === 0 ? html`<p>${NONE[language]}</p>` : listed}${keeps ? addForms(site, request, page, shown) : NOTHING}<p><a class="govuk-link" href="/workbench/cases/${application.caseId}">${CASE[language]}</a></p>`,
  });
}

function findSummary(request: PageRequest, { prefix, values, errors }: NonNullable<Shown["find"]>): Html {
  const fields = prefix === PERSON_PREFIX ? PERSON_FIELDS : CODE_FIELDS;
  return formErrorSummary(fields, { language: request.language, values, errors, prefix });
}

function recordSummary({ language }: PageRequest, { parties }: OfficialCasePage, entered: EnteredForm): Html {
  const fields = parties.some(({ id }) => id === entered.prefix) ? SAID_FIELDS : DELIVERY_FIELDS;
  return formErrorSummary(fields, { language, ...entered });
}

function partyPart(request: PageRequest, page: OfficialCasePage, party: Party, kept: Shown | undefined): Html {
  const { language, now } = request;
  const base = `/workbench/cases/${party.caseId}/parties/${party.id}`;
  const remove = html`<form action="${base}/remove" method="post" novalidate>${formFields(request)}<div class="govuk-form-group"><label class="govuk-label" for="why-${party.id}">${WHY[language]}</label><input class="govuk-input" id="why-${party.id}" name="reason" maxlength="500"></div>${button({ text: REMOVE[language], classes: "govuk-button--secondary" })}</form>`;
  const acts = kept
    ? html`${deliveryForms(request, page, party, kept.entered)}${statementForm(request, page, party, kept.entered)}${party.noticed ? NOTHING : details({ summary: REMOVE[language], text: remove })}`
    : NOTHING;
  return html`<section class="zt-sheet"><h2>${party.name}</h2><p>${partyState(party, page, now, language)}</p><p>${party.address}</p><p>${party.interest}</p>${partyStatements(page, party.id, language)}${acts}</section>`;
}

/** Three ways to name somebody: from either register under the purpose of this case, or as they call themselves. */
function addForms(site: Site, request: PageRequest, page: OfficialCasePage, shown: Shown): Html {
  const { language } = request;
  const base = `/workbench/cases/${page.application.caseId}/parties`;
  const { found } = shown;
  if (found) {
    const said = fill(FOUND, { name: found.name })[language];
    const values = shown.values ?? { name: found.name, address: found.address };
    return html`<section class="zt-sheet" id="add"><h2>${ADD[language]}</h2><p>${said}</p><form action="${base}" method="post" novalidate>${formFields(request)}${registeredFields(site, request, found)}${renderForm(PARTY_FIELDS, { language, values, errors: shown.errors })}${button({ text: NAME_THEM[language], preventDoubleClick: true })}</form></section>`;
  }
  const finder = (prefix: string, summary: Text, fields: typeof PERSON_FIELDS) => {
    const at = shown.find?.prefix === prefix ? shown.find : undefined;
    const form = html`<form action="${base}/find" method="post" novalidate>${formFields(request)}<input type="hidden" name="in" value="${prefix}">${renderForm(fields, { language, prefix, values: at?.values, errors: at?.errors })}${button({ text: FIND[language], preventDoubleClick: true })}</form>`;
    return details({ summary: summary[language], text: form, open: at !== undefined });
  };
  const kind = radios({
    language,
    idPrefix: "kind",
    name: "kind",
    value: "person",
    fieldset: { legend: { text: KIND[language] } },
    items: Object.entries(KINDS).map(([value, title]) => ({ value, text: title[language] })),
  });
  const typed = html`<form action="${base}" method="post" novalidate>${formFields(request)}${kind}${renderForm(PARTY_FIELDS, { language, values: shown.values, errors: shown.errors })}${button({ text: NAME_THEM[language], preventDoubleClick: true })}</form>`;
  return html`<section class="zt-sheet" id="add"><h2>${ADD[language]}</h2>${finder(PERSON_PREFIX, PERSON, PERSON_FIELDS)}${finder(CODE_PREFIX, ORGANIZATION, CODE_FIELDS)}${details({ summary: UNREGISTERED[language], text: typed, open: shown.errors !== undefined })}</section>`;
}

function registeredFields(site: Site, request: PageRequest, found: Registered): Html {
  return html`<input type="hidden" name="kind" value="${found.kind}"><input type="hidden" name="registered" value="${found.id}"><input type="hidden" name="writeTo" value="${found.personId}"><input type="hidden" name="proof" value="${proofOf(site, request, found)}">`;
}

/** That this official found them in a register under this case: ids alone are not believed. */
function bearer(request: PageRequest, { kind, id, personId }: Pick<Registered, "kind" | "id" | "personId">): string {
  return `party ${request.session?.id ?? ""} ${request.params["caseId"] ?? ""} ${kind} ${id} ${personId}`;
}

function proofOf(site: Site, request: PageRequest, found: Registered): string {
  return formToken(site.kernel.vault.key("form-token"), bearer(request, found));
}

async function find(site: Site, request: PageRequest): Promise<PageResponse> {
  const page = await readPartyCase(site, request);
  if (!page || !keepsParties(request, page)) return { kind: "not-found" };
  const prefix = fieldOf(request.fields, "in") === CODE_PREFIX ? CODE_PREFIX : PERSON_PREFIX;
  const fields = prefix === PERSON_PREFIX ? PERSON_FIELDS : CODE_FIELDS;
  const parsed = parseForm(fields, request.fields, prefix);
  const again = (errors: FormErrors) => show(site, request, { find: { prefix, values: parsed.values, errors } });
  if (Object.keys(parsed.errors).length > 0) return again(parsed.errors);
  const found = await lookUp(request, prefix, parsed.input);
  if (!isRefusal(found)) return found ? show(site, request, { found }) : show(site, request, { problem: NO_HEAD });
  const issues = found.issues.map((issue): [string, Text] => [issue.path.split(".")[0] ?? "", issue.text]);
  return issues.length > 0 ? again(Object.fromEntries(issues)) : show(site, request, { problem: found.text });
}

/** Asked of the register under the purpose of this case; undefined where an organization has nobody to write to. */
async function lookUp(
  request: PageRequest,
  prefix: string,
  input: Readonly<Record<string, unknown>>,
): Promise<Registered | undefined | Refusal> {
  const about = { purpose: "case", caseId: request.params["caseId"] ?? "" } as const;
  if (prefix === PERSON_PREFIX) {
    const persons = request.front(population, about);
    const person = await persons.findByDocument(input as Parameters<typeof persons.findByDocument>[0]);
    if (isRefusal(person)) return person;
    const { id, name, address } = person;
    return { kind: "person", id, personId: id, name, address };
  }
  const open = request.front(legalEntities, about);
  const organization = await open.findByCode(input as Parameters<typeof open.findByCode>[0]);
  if (isRefusal(organization)) return organization;
  const rooms = request.front(legalEntities, { ...about, asNode: legalEntities.id });
  const whole = await rooms.findOrganizationForCase({ id: organization.id });
  if (isRefusal(whole)) return whole;
  const { id, name, address, representative } = whole;
  return representative ? { kind: "organization", id, personId: representative, name, address } : undefined;
}

async function name(site: Site, request: PageRequest): Promise<PageResponse> {
  const page = await readPartyCase(site, request);
  if (!page || !keepsParties(request, page)) return { kind: "not-found" };
  const { caseId } = page.application;
  const given = (field: string) => fieldOf(request.fields, field);
  const kind: Party["kind"] = given("kind") === "organization" ? "organization" : "person";
  const claimed = { kind, id: given("registered"), personId: given("writeTo") };
  const keys = site.kernel.vault.keys("form-token");
  const registered = claimed.id === "" ? undefined : claimed;
  if (registered && !isFormToken(keys, bearer(request, registered), given("proof"))) return { kind: "not-found" };
  const parsed = parseForm(PARTY_FIELDS, request.fields);
  const again = (more: Shown) => {
    const found = registered && { ...registered, name: given("name"), address: given("address") };
    return show(site, request, { values: parsed.values, ...(found && { found }), ...more });
  };
  if (Object.keys(parsed.errors).length > 0) return again({ errors: parsed.errors });
  const named = await nameParty(site.kernel, request.act({ purpose: "case", caseId }), {
    caseId,
    kind,
    ...(registered && { registered }),
    form: parsed.input,
  });
  if (!isRefusal(named)) return { kind: "redirect", to: `/workbench/cases/${caseId}/parties?done=named` };
  const issues = named.issues.map(({ path, text: said }): [string, Text] => [path, said]);
  if (issues.length > 0) return again({ errors: Object.fromEntries(issues) });
  if (named.code === "case-unknown") return { kind: "not-found" };
  return again({ problem: named.text });
}

async function remove(site: Site, request: PageRequest): Promise<PageResponse> {
  const { caseId = "", party = "" } = request.params;
  if (!isUuid(caseId) || !isUuid(party)) return { kind: "not-found" };
  const act = request.act({ purpose: "case", caseId });
  const reason = fieldOf(request.fields, "reason");
  const gone = await removeParty(site.kernel, act, { caseId, partyId: party, reason });
  const back = `/workbench/cases/${caseId}/parties`;
  return isRefusal(gone) ? refusalPage(site, request, gone, back) : { kind: "redirect", to: `${back}?done=removed` };
}
