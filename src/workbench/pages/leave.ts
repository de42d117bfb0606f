import { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import type { FieldDescriptor, FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formErrorSummary, renderForm } from "#ui/form/render-form";
import { formatDate } from "#ui/format";
import { doneBanner, formFields, holds, postOf, problems, refusalPage, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";

const PATH = "/workbench/leave";
const TITLE = text("请假和代理", "Leave and stand-ins");
const LEAD = text(
  "请假期间，您的岗位由代理人员办理；期满或者您提前结束后自动恢复。",
  "While you are away a stand-in does what your post may do; it ends by itself, or when you end it.",
);
const LEAVES = text("已安排的代理", "Arranged");
const NONE = text("没有安排代理", "Nothing is arranged");
const NEW = text("安排代理", "Name a stand-in");
const END = text("提前结束", "End it now");
const ABOUT = text("{name} 的代理安排", "Leave of {name}");
const HEAD = [
  text("岗位", "Post"),
  text("代理人员", "Stand-in"),
  text("时间", "When"),
  text("事由", "Why"),
  text("操作", "Action"),
];
const NO_STAND_IN = text(
  "本机关没有其他人员可以代理。请先由管理员安排人员。",
  "This authority has no other official who could stand in. An administrator has to appoint one first.",
);

/** Naming a stand-in for a leave, and ending a leave. */
export function leavePages(site: Site): readonly Page[] {
  return [
    definePage({
      path: PATH,
      audience: "official",
      get: (request) => show(site, request, {}),
      post: (request) => delegate(site, request),
    }),
    definePage({ path: `${PATH}/end`, audience: "official", post: (request) => end(site, request) }),
  ];
}

/** Whose leave it is: one's own, or for an administrator anyone's. */
function whose(request: PageRequest): string | undefined {
  const asked = fieldOf(request.fields, "of") || request.query["of"] || "";
  const own = postOf(request).officialId;
  if (asked === "" || asked === own) return holds(request, "directory.delegate") ? own : undefined;
  return holds(request, "directory.administer") && isUuid(asked) ? asked : undefined;
}

interface Arrangement {
  readonly name: string;
  readonly fields: readonly FieldDescriptor[];
  readonly postTitles: ReadonlyMap<string, Text>;
}

/** The form: which of the posts, and who of the same authority. */
async function arrangement(request: PageRequest, official: string): Promise<Arrangement | undefined> {
  const doors = request.front(directory, { purpose: "administration", asNode: directory.id });
  const held = await doors.postsOf({ official });
  const who = await doors.findOfficial({ id: official });
  if (isRefusal(held) || isRefusal(who)) return undefined;
  const posts = held.items.filter(({ standsInFor }) => standsInFor === undefined);
  const others = await doors.listOfficials({ authority: who.authority });
  const colleagues = isRefusal(others) ? [] : others.items.filter(({ id }) => id !== official);
  const choices: Readonly<Record<string, FieldDescriptor["options"]>> = {
    post: posts.map(({ id, title }) => ({ value: id, title })),
    standIn: colleagues.map(({ id, name }) => ({ value: id, title: text(name, name) })),
  };
  const fields = formDescriptors(directory.operations.delegate.input)
    .filter(({ name }) => name !== "official")
    .map((field): FieldDescriptor => {
      const options = choices[field.name];
      return options ? { ...field, kind: field.name === "post" ? "radios" : "select", options } : field;
    });
  return { name: held.name, fields, postTitles: new Map(posts.map(({ id, title }) => [id, title])) };
}

interface Shown {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problem?: Text;
}

async function show(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const official = whose(request);
  const arranged = official && (await arrangement(request, official));
  if (!official || !arranged) return { kind: "not-found" };
  const { language } = request;
  const { fields, postTitles } = arranged;
  const post = postTitles.size === 1 ? [...postTitles.keys()][0] : undefined;
  const context = { language, values: shown.values ?? { post }, errors: shown.errors };
  const own = official === postOf(request).officialId;
  const title = own ? TITLE : fill(ABOUT, { name: arranged.name });
  const canStandIn = fields.some(({ name, options }) => name === "standIn" && (options?.length ?? 0) > 0);
  const form = html`<form method="post" action="${PATH}" novalidate>${formFields(request)}<input type="hidden" name="of" value="${official}">${renderForm(fields, context)}${button({ text: NEW[language], preventDoubleClick: true })}</form>`;
  return workbench(site, request, {
    title: title[language],
    hasErrors: shown.errors !== undefined || shown.problem !== undefined,
    breadcrumbs: own
      ? [{ href: "/workbench/account", text: text("我的账户", "My account")[language] }, { text: TITLE[language] }]
      : [{ href: "/workbench/directory", text: text("机构和岗位", "Directory")[language] }, { text: arranged.name }],
    main: html`${doneBanner(request)}${shown.problem ? problems(request, [{ text: shown.problem }]) : ""}${formErrorSummary(fields, context)}${pageHeading(
      { title: title[language], lead: LEAD[language] },
    )}<section class="zt-sheet"><h2>${LEAVES[language]}</h2>${await leaveList(request, official, postTitles)}</section><section class="zt-sheet"><h2>${NEW[language]}</h2>${canStandIn ? form : html`<p>${NO_STAND_IN[language]}</p>`}</section>`,
  });
}

async function leaveList(request: PageRequest, official: string, postTitles: ReadonlyMap<string, Text>): Promise<Html> {
  const { language } = request;
  const doors = request.front(directory, { purpose: "administration", asNode: directory.id });
  const leaves = await doors.listDelegations({ official });
  if (isRefusal(leaves) || leaves.items.length === 0) return emptyState({ title: NONE[language] });
  const day = (written: string) => formatDate(Temporal.PlainDate.from(written), language, { year: true });
  return recordTable({
    caption: LEAVES[language],
    head: HEAD.map((name) => name[language]),
    rows: leaves.items.map((leave) => [
      postTitles.get(leave.post)?.[language] ?? "",
      leave.standInName,
      `${day(leave.from)} – ${day(leave.to)}`,
      leave.reason,
      html`<form class="zt-inline" method="post" action="${PATH}/end">${formFields(request)}<input type="hidden" name="of" value="${official}"><input type="hidden" name="id" value="${leave.id}"><button class="zt-link-button" type="submit">${END[language]}<span class="govuk-visually-hidden"> ${leave.standInName}</span></button></form>`,
    ]),
  });
}

async function delegate(site: Site, request: PageRequest): Promise<PageResponse> {
  const official = whose(request);
  const arranged = official && (await arrangement(request, official));
  if (!official || !arranged) return { kind: "not-found" };
  const parsed = parseForm(arranged.fields, request.fields);
  const { values, errors } = parsed;
  if (Object.keys(errors).length > 0) return show(site, request, { values, errors });
  const doors = request.front(directory, { purpose: "administration" });
  const input = { ...parsed.input, official } as Parameters<typeof doors.delegate>[0];
  const done = await doors.delegate(input);
  if (isRefusal(done)) return show(site, request, { values, problem: done.text });
  return { kind: "redirect", to: `${PATH}?of=${official}&done=leave` };
}

async function end(site: Site, request: PageRequest): Promise<PageResponse> {
  const official = whose(request);
  const id = fieldOf(request.fields, "id");
  if (!official || !isUuid(id)) return { kind: "not-found" };
  const ended = await request.front(directory, { purpose: "administration" }).endDelegation({ id });
  if (isRefusal(ended)) return refusalPage(site, request, ended, PATH);
  return { kind: "redirect", to: `${PATH}?of=${official}&done=leave` };
}
