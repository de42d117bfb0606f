import {
  catalogue,
  DATA_TYPES,
  READ,
  REQUEST,
  RESOURCE_KINDS,
  REVIEW,
  STEWARD,
  UPDATE_CYCLES,
} from "#infrastructure/catalogue";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { summaryList } from "#ui/components/summary-list/summary-list";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { renderForm } from "#ui/form/render-form";
import { formatInstant } from "#ui/format";
import { derivedForm } from "../derived-form.ts";
import { doneBanner, formFields, holds, postOf, problems, workbench } from "../frame.ts";
import {
  attributesOf,
  attributesTable,
  type Shared,
  shownAttributes,
  typedAttributes,
} from "../sharing/attributes-form.ts";
import { catalogueDoors, cataloguePath, notThere, placeNote, sharingPath } from "../sharing/place.ts";
import { authorityNames, sharingTag } from "../sharing/words.ts";
import { recordTable } from "../table.ts";
import { CATALOGUE_PATH } from "./catalogue.ts";

const CATALOGUE = text("政务数据目录", "Catalogue of data");
const LABELS = {
  code: text("信息资源代码", "Code"),
  kind: text("类别", "Kind"),
  provider: text("信息资源提供方", "Provider"),
  providerCode: text("资源标识", "Identifier"),
  abstract: text("信息资源摘要", "Abstract"),
  format: text("信息资源格式；共享方式", "Format; way of sharing"),
  sharing: text("共享类型", "Sharing"),
  cycle: text("更新周期", "Update cycle"),
  open: text("开放属性", "Openness"),
  contact: text("责任联系人", "Responsible contact"),
  released: text("发布时间", "Released"),
} as const;
const PUBLIC = text("目录向社会公布", "The entry is public");
const INTERNAL = text("仅供政务部门查看", "For authorities only");
const HEAD = [
  text("信息项", "Attribute"),
  text("数据类型", "Type"),
  text("共享类型", "Sharing"),
  text("条件或依据", "Condition or law"),
];
const ATTRIBUTES = text("信息项", "Attributes");
const ASK = text("申请共享", "Ask for it");
const DRAFT = text("待审查的目录", "The entry that waits for its review");
const REVIEW_TITLE = text("保密审查", "Review before release");
const DESCRIBE = text("编制目录", "Describe it");
const SEND = text("提交审查", "Send for review");
const DECIDE = text("提交", "Send");
const UNDESCRIBED = text(
  "尚未编目：没有发布的目录，按契约共享。",
  "Not described: no entry was released, and it is shared as its contract says.",
);

const DESCRIPTION = catalogue.operations.describeResource.input.shape.description;
const ONCE = DESCRIPTION.omit({ attributes: true });
const REVIEW_FIELDS = formDescriptors(catalogue.operations.reviewEntry.input).filter(({ name }) => name !== "number");

interface Sent {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problem?: Text;
  readonly part?: "review" | "describe";
}

/** One resource: what it holds, how it is shared, and what its steward and reviewer can do. */
export function catalogueResourcePages(site: Site): readonly Page[] {
  const path = `${CATALOGUE_PATH}/:resource`;
  return [
    definePage({ path, audience: "official", get: (request) => show(site, request, {}) }),
    definePage({ path: `${path}/describe`, audience: "official", post: (request) => describe(site, request) }),
    definePage({ path: `${path}/review`, audience: "official", post: (request) => review(site, request) }),
  ];
}

async function find(request: PageRequest) {
  if (!holds(request, READ)) return undefined;
  return await catalogueDoors(request).findResource({ resource: request.params["resource"] ?? "" });
}

type Found = Exclude<NonNullable<Awaited<ReturnType<typeof find>>>, Refusal>;
type Edition = NonNullable<Found["current"]>;

async function show(site: Site, request: PageRequest, sent: Sent): Promise<PageResponse> {
  const found = await find(request);
  if (!found) return { kind: "not-found" };
  if (isRefusal(found)) return notThere(site, request, found);
  const { language } = request;
  const { post, officialId } = postOf(request);
  const keeps = post.authority === found.authority;
  const provider = (await authorityNames(site, [found.authority], language)).get(found.authority) ?? "";
  const errors = errorsOf(sent);
  const title = found.title[language];
  const may = (duty: string) => keeps && post.duties.includes(duty);
  return workbench(site, request, {
    title,
    hasErrors: errors.length > 0,
    breadcrumbs: [{ href: cataloguePath(request), text: CATALOGUE[language] }, { text: title }],
    main: html`${problems(request, errors)}${doneBanner(request)}${pageHeading({ title, caption: found.roomTitle[language] })}${placeNote(site, request)}${
      found.current
        ? edition(request, found, found.current, provider)
        : html`<p class="govuk-body">${UNDESCRIBED[language]}</p>${plainAttributes(request, found)}`
    }${
      found.current && !keeps && post.duties.includes(REQUEST) && found.sharing !== "none"
        ? html`<div class="zt-actions">${button({ text: ASK[language], href: `${sharingPath(request)}/new?resource=${found.id}` })}</div>`
        : NOTHING
    }${found.draft && (keeps || found.current === undefined) ? html`<h2>${DRAFT[language]}</h2>${edition(request, found, found.draft, provider)}` : NOTHING}${
      found.draft && found.draft.draftedBy !== officialId && may(REVIEW)
        ? reviewForm(request, found.draft.number, sent)
        : NOTHING
    }${found.draft === undefined && may(STEWARD) ? await describeForm(site, request, found, sent) : NOTHING}`,
  });
}

function errorsOf({ problem, errors = {}, part }: Sent) {
  const anchor = part === "review" ? "#decision" : "#class";
  return problem
    ? [{ text: problem, href: anchor }]
    : Object.entries(errors).map(([name, said]) => ({ text: said, href: `#${name}` }));
}

function edition(request: PageRequest, found: Found, one: Edition, provider: string): Html {
  const { language } = request;
  const { description } = one;
  const row = (label: keyof typeof LABELS, value: string | Html) => ({
    key: { text: LABELS[label][language] },
    value: { text: value },
  });
  const titles = new Map(found.attributes.map(({ name, title }) => [name, title[language]]));
  const types = new Map(found.attributes.map(({ name, type }) => [name, DATA_TYPES[type][language]]));
  return html`${summaryList({
    rows: [
      row("code", one.code),
      row("providerCode", found.id),
      row("kind", RESOURCE_KINDS[found.kind][language]),
      row("provider", provider),
      row("abstract", description.abstract[language]),
      row("format", found.format[language]),
      row("sharing", sharingTag(one.sharing, language)),
      row("cycle", UPDATE_CYCLES[description.updateCycle][language]),
      row("open", (description.open ? PUBLIC : INTERNAL)[language]),
      row("contact", description.contact),
      ...(one.reviewedAt === undefined
        ? []
        : [row("released", formatInstant(Temporal.Instant.from(one.reviewedAt), language, { year: true }))]),
    ],
  })}${recordTable({
    caption: ATTRIBUTES[language],
    head: HEAD.map((name) => name[language]),
    rows: description.attributes.map((attribute) => [
      titles.get(attribute.name) ?? attribute.name,
      types.get(attribute.name) ?? "",
      sharingTag(attribute.sharing, language),
      basisOf(attribute),
    ]),
  })}`;
}

function basisOf(attribute: Shared): string {
  if (attribute.sharing === "conditional") return attribute.condition;
  return attribute.sharing === "none" ? `《${attribute.law.law}》${attribute.law.article}` : "—";
}

function plainAttributes({ language }: PageRequest, found: Found): Html {
  return recordTable({
    caption: ATTRIBUTES[language],
    head: HEAD.slice(0, 2).map((name) => name[language]),
    rows: found.attributes.map(({ title, type }) => [title[language], DATA_TYPES[type][language]]),
  });
}

function reviewForm(request: PageRequest, number: number, sent: Sent): Html {
  const { language } = request;
  const own = sent.part === "review" ? sent : {};
  return html`<form class="zt-sheet" action="${cataloguePath(request)}/${request.params["resource"] ?? ""}/review" method="post" novalidate>${formFields(request)}<input type="hidden" name="number" value="${String(number)}"><h2>${REVIEW_TITLE[language]}</h2>${renderForm(
    REVIEW_FIELDS,
    { language, values: own.values, errors: own.errors },
  )}${button({ text: DECIDE[language], preventDoubleClick: true })}</form>`;
}

async function describeForm(site: Site, request: PageRequest, found: Found, sent: Sent): Promise<Html> {
  const { language } = request;
  const form = await derivedForm(site, request, ONCE);
  const again = sent.part === "describe";
  const typed = again
    ? typedAttributes(found.attributes, request.fields)
    : shownAttributes(found.attributes, found.current?.description.attributes ?? []);
  const before = found.current && {
    class: found.current.description.class,
    "abstract-zh": found.current.description.abstract.zh,
    "abstract-en": found.current.description.abstract.en,
    updateCycle: found.current.description.updateCycle,
    open: found.current.description.open ? "yes" : "no",
    contact: found.current.description.contact,
  };
  return html`<form class="zt-sheet" action="${cataloguePath(request)}/${found.id}/describe" method="post" novalidate>${formFields(request)}<h2>${DESCRIBE[language]}</h2>${renderForm(
    form.fields,
    { language, values: again ? sent.values : before, errors: again ? sent.errors : undefined },
  )}${attributesTable(found.attributes, typed, language)}${button({ text: SEND[language], preventDoubleClick: true })}</form>`;
}

async function describe(site: Site, request: PageRequest): Promise<PageResponse> {
  const found = await find(request);
  if (!found || !holds(request, STEWARD)) return { kind: "not-found" };
  if (isRefusal(found)) return notThere(site, request, found);
  const form = await derivedForm(site, request, ONCE);
  const read = parseForm(form.fields, request.fields);
  const again = { values: read.values, errors: read.errors, part: "describe" } as const;
  if (Object.keys(read.errors).length > 0) return show(site, request, again);
  const doors = catalogueDoors(request);
  const attributes = attributesOf(found.attributes, typedAttributes(found.attributes, request.fields));
  const given = { resource: found.id, description: { ...form.input(read.input), attributes } };
  const outcome = await doors.describeResource(given as Parameters<typeof doors.describeResource>[0]);
  if (!isRefusal(outcome)) return { kind: "redirect", to: `${cataloguePath(request)}/${found.id}?done=described` };
  return show(site, request, { ...again, problem: said(outcome) });
}

/** A refusal with what it says of single fields. */
function said(refusal: { readonly text: Text; readonly issues: readonly { readonly text: Text }[] }): Text {
  const zh = new Set(refusal.issues.map((issue) => issue.text.zh));
  const en = new Set(refusal.issues.map((issue) => issue.text.en));
  return text([refusal.text.zh, ...zh].join(" "), [refusal.text.en, ...en].join(" "));
}

async function review(site: Site, request: PageRequest): Promise<PageResponse> {
  const found = await find(request);
  if (!found || !holds(request, REVIEW)) return { kind: "not-found" };
  if (isRefusal(found)) return notThere(site, request, found);
  if (!found.draft) return { kind: "not-found" };
  const read = parseForm(REVIEW_FIELDS, request.fields);
  const again = { values: read.values, errors: read.errors, part: "review" } as const;
  if (Object.keys(read.errors).length > 0) return show(site, request, again);
  const doors = catalogueDoors(request);
  const given = { ...read.input, number: found.draft.number };
  const outcome = await doors.reviewEntry(given as Parameters<typeof doors.reviewEntry>[0]);
  if (!isRefusal(outcome)) return { kind: "redirect", to: `${cataloguePath(request)}/${found.id}?done=reviewed` };
  return show(site, request, { ...again, problem: said(outcome) });
}
