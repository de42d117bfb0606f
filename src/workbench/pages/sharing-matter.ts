import { catalogue, KIND_WORDS, READ, REQUEST, STATE_WORDS, STEP_WORDS, STEWARD } from "#infrastructure/catalogue";
import type { ObjectSchema } from "#kernel/contract/contract";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { summaryList } from "#ui/components/summary-list/summary-list";
import { tag } from "#ui/components/tag/tag";
import { timeline } from "#ui/components/timeline/timeline";
import type { FieldChoice, FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formatInstant } from "#ui/format";
import { doneBanner, holds, postOf, problems, workbench } from "../frame.ts";
import { PURPOSE_WORDS } from "../ledger-words.ts";
import { contentRows } from "../sharing/content-rows.ts";
import { catalogueDoors, cataloguePath, notThere, placeNote, sharingPath } from "../sharing/place.ts";
import { operationsFor, stepFields, stepForms, withLists } from "../sharing/step-forms.ts";
import { authorityNames, sharingClock } from "../sharing/words.ts";
import { recordTable } from "../table.ts";
import { SHARING_PATH } from "./sharing.ts";

const SHARING = text("数据共享", "Data sharing");
const LABELS = {
  resource: text("资源", "Resource"),
  consumer: text("需求部门", "Consumer"),
  provider: text("提供部门", "Provider"),
  coordinator: text("共享主管部门", "Authority in charge of sharing"),
  about: text("相关事项", "About"),
  used: text("已用（今日 / 累计）", "Used (today / in all)"),
} as const;
const SIDES = {
  consumer: text("需求部门", "Consumer"),
  provider: text("提供部门", "Provider"),
  coordinator: text("共享主管部门", "Authority in charge"),
  government: text("人民政府", "Government"),
  node: text("系统", "By itself"),
} as const;
const TO_DO = text("可以办理", "What you can do");
const HISTORY = text("办理经过", "What was done");
const CLOCKS = text("期限", "Clocks");
const USES = text("使用记录", "Records of use");
const NO_USES = text("还没有使用", "Not used yet");
const USE_HEAD = [
  text("时间", "When"),
  text("系统", "System"),
  text("服务", "Service"),
  text("目的", "Purpose"),
  text("用量", "Uses"),
  text("结果", "Outcome"),
];
const ANSWERED = text("已提供", "Answered");

type OperationName = keyof typeof catalogue.operations;

interface Sent {
  readonly operation?: string;
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problem?: Text;
}

/** One matter of sharing, for whichever side. */
export function sharingMatterPages(site: Site): readonly Page[] {
  const path = `${SHARING_PATH}/:number`;
  return [
    definePage({ path, audience: "official", get: (request) => show(site, request, {}) }),
    definePage({ path: `${path}/do/:operation`, audience: "official", post: (request) => act(site, request) }),
  ];
}

async function find(request: PageRequest) {
  const number = Number(request.params["number"]);
  if (!holds(request, READ) || !Number.isInteger(number)) return undefined;
  return await catalogueDoors(request).findMatter({ number });
}

type Found = Exclude<NonNullable<Awaited<ReturnType<typeof find>>>, Refusal>;

/** What opens another matter about this one. */
function openings(request: PageRequest, found: Found): readonly OperationName[] {
  const { post } = postOf(request);
  const isConsumer = post.authority === found.consumer && post.duties.includes(REQUEST);
  const isParty = isConsumer || (post.authority === found.provider && post.duties.includes(STEWARD));
  return [
    ...(found.kind === "grant" && isConsumer ? (["fileCorrection"] as const) : []),
    ...(found.kind !== "dispute" && isParty ? (["raiseDispute"] as const) : []),
  ];
}

async function show(site: Site, request: PageRequest, sent: Sent): Promise<PageResponse> {
  const found = await find(request);
  if (!found) return { kind: "not-found" };
  if (isRefusal(found)) return notThere(site, request, found);
  const { language } = request;
  const title = `${KIND_WORDS[found.kind][language]} ${found.number}`;
  const attributes = await attributesOf(request, found);
  const names = await authorityNames(site, [found.consumer, found.provider, found.coordinator], language);
  const operations = [...operationsFor(found.kind, found.steps), ...openings(request, found)];
  const errors = sent.problem
    ? [{ text: sent.problem }]
    : Object.entries(sent.errors ?? {}).map(([name, said]) => ({ text: said, href: `#${sent.operation}-${name}` }));
  const again = sent.operation && { operation: sent.operation, values: sent.values ?? {}, errors: sent.errors ?? {} };
  return workbench(site, request, {
    title,
    hasErrors: errors.length > 0,
    breadcrumbs: [{ href: sharingPath(request), text: SHARING[language] }, { text: title }],
    main: html`${problems(request, errors)}${doneBanner(request)}${pageHeading({ title, caption: found.title[language] })}${placeNote(site, request)}<p>${tag({ text: STATE_WORDS[found.state][language] })}</p>${
      operations.length === 0
        ? NOTHING
        : html`<h2>${TO_DO[language]}</h2>${stepForms(request, operations, { attributes, sent: again || undefined })}`
    }${clocks(request, found)}${summary(request, found, { names, attributes })}${
      found.kind === "grant" ? await uses(request, found.number) : NOTHING
    }<h2>${HISTORY[language]}</h2>${history(request, found)}`,
  });
}

function clocks({ language }: PageRequest, found: Found): Html {
  if (found.clocks.length === 0) return NOTHING;
  return html`<h2>${CLOCKS[language]}</h2>${found.clocks.map((one) => sharingClock(one, language))}`;
}

/** What a matter covers, by the titles of the catalogue. */
async function attributesOf(request: PageRequest, found: Found): Promise<readonly FieldChoice[]> {
  const resource = await catalogueDoors(request).findResource({ resource: found.resource });
  const titles = new Map(isRefusal(resource) ? [] : resource.attributes.map(({ name, title }) => [name, title]));
  const { attributes = [] } = found.content as { readonly attributes?: readonly string[] };
  return attributes.map((name) => ({ value: name, title: titles.get(name) ?? text(name, name) }));
}

function summary(
  request: PageRequest,
  found: Found,
  { names, attributes }: { readonly names: ReadonlyMap<string, string>; readonly attributes: readonly FieldChoice[] },
): Html {
  const { language } = request;
  const row = (label: keyof typeof LABELS, value: string | Html) => ({
    key: { text: LABELS[label][language] },
    value: { text: value },
  });
  const rows = [
    row(
      "resource",
      html`<a class="govuk-link" href="${cataloguePath(request)}/${found.resource}">${found.title[language]}</a> <code>${found.resource}</code>`,
    ),
    row("consumer", names.get(found.consumer) ?? ""),
    row("provider", names.get(found.provider) ?? ""),
    row("coordinator", names.get(found.coordinator) ?? ""),
    ...(found.about === undefined
      ? []
      : [
          row(
            "about",
            html`<a class="govuk-link" href="${sharingPath(request)}/${String(found.about)}">${String(found.about)}</a>`,
          ),
        ]),
    ...contentRows(found.content, attributes, language),
  ];
  return summaryList({ rows });
}

async function uses(request: PageRequest, number: number): Promise<Html> {
  const { language } = request;
  const found = await catalogueDoors(request).usesOfGrant({ number });
  if (isRefusal(found)) return NOTHING;
  const { standing, items } = found;
  const counts = `${standing.usedToday} / ${standing.perDay} · ${standing.used} / ${standing.total}`;
  const table =
    items.length === 0
      ? emptyState({ title: NO_USES[language] })
      : recordTable({
          caption: USES[language],
          head: USE_HEAD.map((name) => name[language]),
          rows: items.map((one) => [
            formatInstant(Temporal.Instant.from(one.at), language, { year: true }),
            one.system,
            one.operation,
            PURPOSE_WORDS[one.purpose]?.[language] ?? one.purpose,
            String(one.amount),
            one.outcome === undefined || one.outcome === "answered" ? ANSWERED[language] : one.outcome,
          ]),
        });
  return html`<h2>${USES[language]}</h2><p>${LABELS.used[language]}: ${counts}</p>${table}`;
}

function history({ language }: PageRequest, found: Found): Html {
  return timeline({
    language,
    year: true,
    events: found.taken.map((one) => ({
      at: Temporal.Instant.from(one.at),
      title: (STEP_WORDS as Readonly<Record<string, Text>>)[one.step]?.[language] ?? one.step,
      who: SIDES[one.side][language],
      text: one.words,
    })),
  });
}

async function act(site: Site, request: PageRequest): Promise<PageResponse> {
  const found = await find(request);
  if (!found) return { kind: "not-found" };
  if (isRefusal(found)) return notThere(site, request, found);
  const asked = request.params["operation"] ?? "";
  const operation = [...operationsFor(found.kind, found.steps), ...openings(request, found)].find(
    (one) => one === asked,
  );
  // Another was faster, or the address is made up: the page says where the matter stands now.
  if (operation === undefined) {
    return show(site, request, { problem: catalogue.operations.refuseRequest.refusals["not-now"] });
  }
  const read = parseForm(stepFields(operation, await attributesOf(request, found)), request.fields, operation);
  const again = { operation, values: read.values, errors: read.errors };
  if (Object.keys(read.errors).length > 0) return show(site, request, again);
  const input = withLists(catalogue.operations[operation].input as ObjectSchema, read.input);
  const call = catalogueDoors(request)[operation] as (given: object) => Promise<unknown>;
  const outcome = await call({ ...input, number: found.number });
  if (!isRefusal(outcome))
    return { kind: "redirect", to: `${sharingPath(request)}/${numberOf(outcome) ?? found.number}?done=step` };
  const issues = outcome.issues.map((issue) => [issue.path.split(".")[0] ?? "", issue.text] as const);
  return show(site, request, {
    ...again,
    ...(issues.length > 0 ? { errors: Object.fromEntries(issues) } : { problem: outcome.text }),
  });
}

/** Of what was opened: a correction, a dispute, a grant. */
function numberOf(outcome: unknown): number | undefined {
  const { number, grant } = outcome as { readonly number?: number; readonly grant?: number };
  return number ?? grant;
}
