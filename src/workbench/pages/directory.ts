import { ADMINISTER, directory } from "#infrastructure/directory";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { details } from "#ui/components/details/details";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { formatDate } from "#ui/format";
import { dutiesOf } from "../derived-form.ts";
import { holds, workbench } from "../frame.ts";
import { hrefWith, recordTable } from "../table.ts";

const PATH = "/workbench/directory";
const TITLE = text("机构和岗位", "Directory");
const LEAD = text(
  "谁在哪个机关、担任什么岗位、岗位能做什么。",
  "Who is in which authority, in which post, and what the post may do.",
);
const HEAD = [text("机构", "Authority"), text("岗位", "Posts"), text("人员", "Officials")];
const POST_HEAD = [text("岗位", "Post"), text("职责", "Duties"), text("任职人员", "Holders"), text("操作", "Action")];
const POSTS = text("岗位和任职", "Posts and their holders");
const OFFICIALS = text("人员", "Officials");
const OFFICIAL_HEAD = [text("姓名", "Name"), text("执法证号", "Certificate"), text("操作", "Action")];
const NOBODY = text("空缺", "Vacant");
const DO = {
  createAuthority: text("新增机构", "Add an authority"),
  createDivision: text("补充行政区划", "Add a division"),
  createPost: text("新增岗位", "Add a post"),
  createOfficial: text("新增人员", "Add an official"),
  appoint: text("任职", "Appoint"),
  endAppointment: text("免职", "End"),
  createAccount: text("开设账户", "Make an account"),
  leave: text("请假代理", "Leave"),
};
const DUTIES = text("{count} 项职责", "Duties: {count}");

/** Authorities, their posts and who holds them, with the way to each form that changes them. */
export function directoryPages(site: Site): readonly Page[] {
  return [
    definePage({ path: PATH, audience: "official", get: (request) => list(site, request) }),
    definePage({ path: `${PATH}/:authority`, audience: "official", get: (request) => show(site, request) }),
  ];
}

/** An administrator changes the directory; an auditor looks at it, and has no forms. */
function mayOpen(request: PageRequest): boolean {
  return holds(request, ADMINISTER) || holds(request, "audit.read");
}

function doorsOf(request: PageRequest) {
  return request.front(directory, { purpose: "administration", asNode: directory.id });
}

function form(
  request: PageRequest,
  room: string,
  operation: keyof typeof DO,
  values: Readonly<Record<string, string>> = {},
): Html {
  if (!holds(request, ADMINISTER)) return NOTHING;
  const href = hrefWith(`/workbench/operations/${room}/${operation}`, values);
  return html`<a class="govuk-link" href="${href}">${DO[operation][request.language]}</a>`;
}

const MERGED = text("已并入", "merged into");

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!mayOpen(request)) return { kind: "not-found" };
  const { language } = request;
  const doors = doorsOf(request);
  const authorities = await doors.listAuthorities({});
  const rows = [];
  const listed = isRefusal(authorities) ? [] : authorities.items;
  for (const { id, name, mergedInto } of listed) {
    const posts = await doors.listPosts({ authority: id });
    const officials = await doors.listOfficials({ authority: id });
    rows.push([
      html`<a class="govuk-link" href="${PATH}/${id}">${name[language]}</a>${mergedInto === undefined ? NOTHING : html`<br>${MERGED[language]} ${listed.find((one) => one.id === mergedInto)?.name[language] ?? html`<code>${mergedInto}</code>`}`}`,
      String(isRefusal(posts) ? 0 : posts.items.length),
      String(isRefusal(officials) ? 0 : officials.items.length),
    ]);
  }
  const add = holds(request, ADMINISTER)
    ? html`<div class="zt-actions">${button({ text: DO.createAuthority[language], href: "/workbench/operations/directory/createAuthority" })}${form(request, "directory", "createDivision")}</div>`
    : NOTHING;
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${recordTable({
      caption: TITLE[language],
      head: HEAD.map((name) => name[language]),
      rows,
    })}${add}`,
  });
}

type PostView = Output<(typeof directory)["operations"]["listPosts"]["output"]>["items"][number];

async function show(site: Site, request: PageRequest): Promise<PageResponse> {
  const id = request.params["authority"] ?? "";
  if (!mayOpen(request) || !isUuid(id)) return { kind: "not-found" };
  const { language } = request;
  const doors = doorsOf(request);
  const authority = await doors.findAuthority({ id });
  const posts = await doors.listPosts({ authority: id });
  const officials = await doors.listOfficials({ authority: id });
  if (isRefusal(authority) || isRefusal(posts) || isRefusal(officials)) return { kind: "not-found" };
  const postRows = [];
  for (const post of posts.items) postRows.push(await postRow(site, request, post));
  const officialRows = officials.items.map((one) => [
    one.name,
    one.certificateNumber ?? "",
    html`${form(request, "directory", "appoint", { official: one.id })} ${form(request, "identity", "createAccount", { holderKind: "official", holder: one.id })} ${leaveLink(request, one.id)}`,
  ]);
  const section = (title: typeof POSTS, content: Html, add: Html) =>
    html`<section class="zt-section"><h2>${title[language]}</h2>${content}<p>${add}</p></section>`;
  return workbench(site, request, {
    title: authority.name[language],
    breadcrumbs: [{ href: PATH, text: TITLE[language] }, { text: authority.name[language] }],
    main: html`${pageHeading({ title: authority.name[language], meta: `${authority.code} · ${authority.address} · ${authority.phone}` })}${section(
      POSTS,
      recordTable({ caption: POSTS[language], head: POST_HEAD.map((name) => name[language]), rows: postRows }),
      form(request, "directory", "createPost", { authority: id }),
    )}${section(
      OFFICIALS,
      recordTable({
        caption: OFFICIALS[language],
        head: OFFICIAL_HEAD.map((name) => name[language]),
        rows: officialRows,
      }),
      form(request, "directory", "createOfficial", { authority: id }),
    )}`,
  });
}

function leaveLink(request: PageRequest, official: string): Html {
  if (!holds(request, ADMINISTER)) return NOTHING;
  return html`<a class="govuk-link" href="/workbench/leave?of=${official}">${DO.leave[request.language]}</a>`;
}

async function postRow(site: Site, request: PageRequest, post: PostView) {
  const { language } = request;
  const appointments = await doorsOf(request).listAppointments({ post: post.id });
  const holders = (isRefusal(appointments) ? [] : appointments.items).map(
    (one) =>
      html`<li>${one.officialName} <span class="zt-opinion__by">${since(one.from, language)}</span> ${form(request, "directory", "endAppointment", { id: one.id })}</li>`,
  );
  const known = new Map(dutiesOf(site).map(({ value, title }) => [value, title[language]]));
  const duties = details({
    summary: fill(DUTIES, { count: post.duties.length })[language],
    text: html`<ul class="govuk-list govuk-list--bullet">${post.duties.map((duty) => html`<li>${known.get(duty) ?? duty}</li>`)}</ul>`,
  });
  return [
    post.title[language],
    duties,
    holders.length === 0 ? NOBODY[language] : html`<ul class="govuk-list">${holders}</ul>`,
    form(request, "directory", "appoint", { post: post.id }),
  ];
}

/** The day from which an appointment runs, in Shanghai where an instant is given. */
function since(from: string, language: PageRequest["language"]): string {
  const day =
    from.length > 10
      ? Temporal.Instant.from(from).toZonedDateTimeISO("Asia/Shanghai").toPlainDate()
      : Temporal.PlainDate.from(from);
  return formatDate(day, language, { year: true });
}
