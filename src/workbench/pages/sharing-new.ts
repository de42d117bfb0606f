import { catalogue, REQUEST } from "#infrastructure/catalogue";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import type { FieldDescriptor, FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { renderForm } from "#ui/form/render-form";
import { formFields, holds, postOf, problems, workbench } from "../frame.ts";
import { catalogueDoors, noteAsked, notThere, ownNode, placeNote, sharingPath } from "../sharing/place.ts";
import { withLists } from "../sharing/step-forms.ts";
import { SHARING_PATH } from "./sharing.ts";

const PATH = `${SHARING_PATH}/new`;
const TITLE = text("申请共享数据", "Ask for data");
const SHARING = text("数据共享", "Data sharing");
const LEAD = text(
  "写明目的、依据、范围、用量和期限；提供部门对不完整的申请一次性告知。获得的数据不得转授，不得用于其他目的。",
  "Say for what, by which law, what, how much and until when; what is missing is listed once. What you get goes to nobody else and serves no other purpose.",
);
const ATTRIBUTES = text("申请的信息项", "Attributes asked for");
const NEEDED = {
  always: text("必需", "Needed"),
  "with-list": text("申请同一列表的其他信息项时必需", "Needed with anything else of the same list"),
} as const;
const NEEDED_HINT = text(
  "只选履职需要的。缺少“必需”的信息项，返回的内容不完整，因此已为您选上；未申请的不会提供。",
  "Choose no more than your duty needs. Without what is needed no answer is whole, so it is chosen already; what you do not ask for is not given.",
);
const SEND = text("提交申请", "Send the request");
const SYSTEMS_LENGTH_MAX = 4_000;
const PROMISE_MISSING = text(
  "须承诺不扩大使用范围、不用于其他目的、不提供给第三方。",
  "There is no request without the promise of no wider use, no other purpose and no handing on.",
);

const CONTENT = catalogue.operations.requestData.input.shape.content;

interface Sent {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problem?: Text;
}

/** The form in which an authority asks for a resource. */
export function sharingNewPage(site: Site): Page {
  return definePage({
    path: PATH,
    audience: "official",
    get: (request) => show(site, request, request.query["resource"] ?? "", {}),
    post: (request) => send(site, request),
  });
}

async function find(request: PageRequest, resource: string) {
  if (!holds(request, REQUEST)) return undefined;
  const found = await catalogueDoors(request).findResource({ resource });
  return !isRefusal(found) && found.current === undefined ? undefined : found;
}

type Found = Exclude<NonNullable<Awaited<ReturnType<typeof find>>>, Refusal>;

/** Attributes are chosen among those that may be shared; without what is needed, nothing whole could be given. */
function fieldsOf({ attributes, current }: Found): readonly FieldDescriptor[] {
  const barred = new Set(
    current?.description.attributes.filter(({ sharing }) => sharing === "none").map(({ name }) => name),
  );
  const choices = attributes
    .filter(({ name }) => !barred.has(name))
    .map(({ name, title, needed }) => ({
      value: name,
      title: title.zh === name ? text(name, name) : title,
      ...(needed !== "no" && { hint: NEEDED[needed] }),
    }));
  return formDescriptors(CONTENT).flatMap((field): readonly FieldDescriptor[] => {
    if (field.name === "attributes") {
      return [{ ...field, title: ATTRIBUTES, hint: NEEDED_HINT, kind: "checkboxes", options: choices }];
    }
    if (field.name === "systems") return [{ ...field, kind: "textarea", maxLength: SYSTEMS_LENGTH_MAX }];
    // What must be promised is asked as yes or no: a literal has one value alone.
    return [field.name === "noOnwardUse" ? { ...field, kind: "boolean" } : field];
  });
}

async function show(site: Site, request: PageRequest, resource: string, sent: Sent): Promise<PageResponse> {
  const found = await find(request, resource);
  if (!found) return { kind: "not-found" };
  if (isRefusal(found)) return notThere(site, request, found);
  const { language } = request;
  const errors = sent.problem
    ? [{ text: sent.problem, href: "#purpose" }]
    : Object.entries(sent.errors ?? {}).map(([name, said]) => ({ text: said, href: `#${name}` }));
  const values = sent.values ?? { attributes: neededOf(found), systems: ownSystems(site, request).join("\n") };
  return workbench(site, request, {
    title: TITLE[language],
    hasErrors: errors.length > 0,
    breadcrumbs: [{ href: sharingPath(request), text: SHARING[language] }, { text: TITLE[language] }],
    main: html`${errors.length > 0 ? problems(request, errors) : NOTHING}${pageHeading({
      title: found.title[language],
      caption: TITLE[language],
      lead: LEAD[language],
    })}${placeNote(site, request)}<form class="zt-sheet" action="${sharingPath(request)}/new" method="post" novalidate>${formFields(request)}<input type="hidden" name="resource" value="${found.id}">${renderForm(
      fieldsOf(found),
      { language, values, errors: sent.errors },
    )}${button({ text: SEND[language], preventDoubleClick: true })}</form>`,
  });
}

/** What is chosen to begin with: as little as can be had. */
function neededOf({ attributes }: Found): readonly string[] {
  return attributes.flatMap(({ name, needed }) => (needed === "always" ? [name] : []));
}

/** What the authority of the post keeps on this node. */
function ownSystems(site: Site, request: PageRequest): readonly string[] {
  const node = ownNode(site);
  // To another node this one is known as a whole.
  if (request.params["node"] !== undefined && node !== undefined) return [`node:${node}`];
  const { authority } = postOf(request).post;
  return [...site.kernel.systems.keys()].filter((room) => site.kernel.authorityOf(room) === authority);
}

async function send(site: Site, request: PageRequest): Promise<PageResponse> {
  const resource = String(request.fields["resource"] ?? "");
  const found = await find(request, resource);
  if (!found) return { kind: "not-found" };
  if (isRefusal(found)) return notThere(site, request, found);
  const read = parseForm(fieldsOf(found), request.fields);
  if (Object.keys(read.errors).length > 0) return show(site, request, resource, read);
  if (read.input["noOnwardUse"] !== true) {
    return show(site, request, resource, { values: read.values, errors: { noOnwardUse: PROMISE_MISSING } });
  }
  const content = withLists(CONTENT, read.input);
  const doors = catalogueDoors(request);
  const outcome = await doors.requestData({ resource, content } as Parameters<typeof doors.requestData>[0]);
  if (!isRefusal(outcome)) {
    await noteAsked(request, { number: outcome.number, resource, title: found.title });
    return { kind: "redirect", to: `${sharingPath(request)}/${outcome.number}?done=asked` };
  }
  const issues = outcome.issues.map((issue) => [issue.path.split(".").at(1) ?? "", issue.text] as const);
  return show(site, request, resource, {
    values: read.values,
    ...(issues.length > 0 ? { errors: Object.fromEntries(issues) } : { problem: outcome.text }),
  });
}
