import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { civilDay } from "#lib/calendar/civil-day";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { legalEntities } from "#resources/legal-entities";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { facts } from "#ui/components/facts/facts";
import { notificationBanner } from "#ui/components/notification-banner/notification-banner";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { tag } from "#ui/components/tag/tag";
import type { FieldDescriptor, FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formErrorSummary, renderForm } from "#ui/form/render-form";
import { formatDate } from "#ui/format";
import { formFields, portalResponse } from "../frame.ts";
import { refused } from "../problem.ts";

const PATH = "/my/authorizations";
const MY = text("我的", "My affairs");
const TITLE = text("委托他人以单位名义办事", "Let someone act for your organization");
const LEAD = text(
  "您是法定代表人、负责人或者经营者的，可以委托他人以单位的名义办事，并随时撤销。每次办事时都会核对委托是否仍然有效；谁受委托办了什么，记在办件和存证日志里。",
  "Where you head an organization you can let someone act in its name, and end it at any time. Whether it still holds is asked each time; who did what by it stands in the case and in the ledger.",
);
const GIVEN = text("已给出的委托", "Given by you");
const NONE_GIVEN = text("还没有委托过他人。", "Nobody was authorized yet.");
const RECEIVED = text("您受到的委托", "Given to you");
const GRANT = text("委托一个人", "Authorize someone");
const GRANT_FOR = text("以 {name} 的名义", "In the name of {name}");
const CONFIRM = text("委托", "Authorize");
const WITHDRAW = text("撤销委托", "End it");
const RESIGN = text("不再受托", "Give it up");
const ENDED = text("已失效", "Ended");
const HOLDS = text("有效", "Holds");
const UNNAMED = text("（查不到姓名）", "(name not found)");
const DONE = {
  granted: text(
    "已委托。对方选择代表谁办事时，就能看到贵单位。",
    "Authorized. Your organization is now among those for which they can act.",
  ),
  ended: text("委托已终止，几秒钟内生效。", "It has ended; that takes effect within seconds."),
} as const;
const ROWS = {
  scope: text("委托事项", "For what"),
  period: text("期限", "Period"),
};
const PERIOD = text("{from} 至 {to}", "{from} to {to}");
const WHICH_HINT = text("只办理一个事项时选择", "Where it is for one service alone");

type Organization = { readonly id: string; readonly name: string };
interface Shown {
  readonly organization?: string;
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly done?: keyof typeof DONE;
}

/** Power to act, given and taken back on line (民法典 §165, §173). */
export function authorizationsPage(site: Site): Page {
  return definePage({
    path: PATH,
    audience: "person",
    get: (request) => screen(site, request, {}),
    post: (request) => (fieldOf(request.fields, "do") === "end" ? end(site, request) : grant(site, request)),
  });
}

function doors(request: PageRequest) {
  return request.front(legalEntities, { purpose: "own-affairs" });
}

/** Whoever heads several organizations chooses one. */
function fieldsOf(site: Site, headed: readonly Organization[]): readonly FieldDescriptor[] {
  const services = [...site.kernel.systems.values()].flatMap(({ contract }) =>
    Object.entries(contract.services).map(([name, { title }]) => ({ value: `${contract.id}.${name}`, title })),
  );
  const organizations = headed.map(({ id, name }) => ({ value: id, title: text(name, name) }));
  return formDescriptors(legalEntities.operations.grantAuthorization.input)
    .filter(({ name }) => name !== "organization" || headed.length > 1)
    .map((one): FieldDescriptor => {
      if (one.name === "organization") return { ...one, kind: "select", options: organizations };
      return one.name === "service" ? { ...one, kind: "select", hint: WHICH_HINT, options: services } : one;
    });
}

async function grant(site: Site, request: PageRequest): Promise<PageResponse> {
  const fields = fieldsOf(site, []);
  const organization = fieldOf(request.fields, "organization");
  const { input, values, errors } = parseForm(fields, request.fields);
  if (Object.keys(errors).length > 0) return screen(site, request, { organization, values, errors });
  const answer = await doors(request).grantAuthorization({ ...input, organization } as never);
  if (!isRefusal(answer)) return screen(site, request, { done: "granted" });
  if (answer.needs || answer.code === "not-found") return refused(site, request, answer, PATH);
  return screen(site, request, { organization, values, errors: errorsOf(answer) });
}

const PLACES: Readonly<Record<string, string>> = {
  "bad-period": "to",
  "bad-service": "service",
  "agent-not-found": "agentNumber",
};

function errorsOf(refusal: Refusal): FormErrors {
  const issues = refusal.issues.map(({ path, text: said }) => [path.split(".")[0] ?? "", said] as const);
  return Object.fromEntries(issues.length > 0 ? issues : [[PLACES[refusal.code] ?? "agentName", refusal.text]]);
}

async function end(site: Site, request: PageRequest): Promise<PageResponse> {
  const answer = await doors(request).revokeAuthorization({ id: fieldOf(request.fields, "id") });
  return isRefusal(answer) ? refused(site, request, answer as Refusal, PATH) : screen(site, request, { done: "ended" });
}

async function screen(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const { language, session } = request;
  const person = session?.principal.kind === "person" ? session.principal.id : "";
  const found = await doors(request).organizationsOf({ person });
  if (isRefusal(found)) return refused(site, request, found);
  const headed = found.items.filter(({ right }) => right !== "agent");
  const given: Html[] = [];
  for (const organization of headed) given.push(await lettersOf(request, organization));
  const received = found.items.filter((one) => one.right === "agent");
  const fields = fieldsOf(site, headed);
  const hasErrors = Object.keys(shown.errors ?? {}).length > 0;
  return portalResponse(site, request, {
    title: TITLE[language],
    hasErrors,
    breadcrumbs: [{ text: MY[language], href: "/my" }, { text: TITLE[language] }],
    main: html`${hasErrors ? formErrorSummary(fields, { language, errors: shown.errors }) : NOTHING}${
      shown.done ? notificationBanner({ language, type: "success", text: DONE[shown.done][language] }) : NOTHING
    }${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${
      headed.length + received.length === 0 ? emptyState({ title: NONE_GIVEN[language] }) : NOTHING
    }${given}${receivedPart(request, received)}${headed[0] ? grantForm(request, { headed, fields, shown }) : NOTHING}`,
  });
}

async function lettersOf(request: PageRequest, { id, name }: Organization): Promise<Html> {
  const { language } = request;
  const answer = await doors(request).listAuthorizations({ organization: id });
  const items = isRefusal(answer) ? [] : answer.items.toSorted((one, other) => Number(other.valid) - Number(one.valid));
  const letters = items.map(
    (letter) =>
      html`<section class="zt-sheet"><h3>${letter.agentName ?? UNNAMED[language]} ${tag({
        text: (letter.valid ? HOLDS : ENDED)[language],
        ...(!letter.valid && { classes: "govuk-tag--grey" }),
      })}</h3>${facts({
        language,
        facts: [
          { label: ROWS.scope[language], value: scopeText(letter.scope, letter.service, language) },
          { label: ROWS.period[language], value: periodText(letter, language) },
        ],
      })}${letter.valid ? endForm(request, letter.id, WITHDRAW) : NOTHING}</section>`,
  );
  return html`<section class="zt-section zt-stack"><h2>${GIVEN[language]}</h2><p>${fill(GRANT_FOR, { name })[language]}</p>${
    letters.length === 0 ? html`<p>${NONE_GIVEN[language]}</p>` : letters
  }</section>`;
}

function scopeText(scope: string, service: string | undefined, language: Language): string {
  const options = formDescriptors(legalEntities.operations.grantAuthorization.input).find(
    ({ name }) => name === "scope",
  )?.options;
  const title: Text | undefined = options?.find(({ value }) => value === scope)?.title;
  return [title?.[language] ?? scope, service].filter((one) => one !== undefined).join(" · ");
}

function periodText({ from, to }: { readonly from: string; readonly to: string }, language: Language): string {
  const day = (iso: string) => formatDate(Temporal.PlainDate.from(iso), language, { year: true });
  return fill(PERIOD, { from: day(from), to: day(to) })[language];
}

function receivedPart(
  request: PageRequest,
  received: readonly (Organization & {
    readonly to?: string | undefined;
    readonly authorization?: string | undefined;
  })[],
): Html {
  const { language } = request;
  if (received.length === 0) return NOTHING;
  const letters = received.map(
    ({ name, to, authorization }) =>
      html`<section class="zt-sheet"><h3>${name}</h3>${
        to
          ? html`<p>${ROWS.period[language]}：${formatDate(Temporal.PlainDate.from(to), language, { year: true })}</p>`
          : NOTHING
      }${authorization ? endForm(request, authorization, RESIGN) : NOTHING}</section>`,
  );
  return html`<section class="zt-section zt-stack"><h2>${RECEIVED[language]}</h2>${letters}</section>`;
}

function endForm(request: PageRequest, id: string, words: Text): Html {
  return html`<form action="${PATH}" method="post">${formFields(request)}<input type="hidden" name="do" value="end"><input type="hidden" name="id" value="${id}"><div class="zt-actions">${button(
    { text: words[request.language], classes: "govuk-button--secondary", preventDoubleClick: true },
  )}</div></form>`;
}

function grantForm(
  request: PageRequest,
  granting: {
    readonly headed: readonly Organization[];
    readonly fields: readonly FieldDescriptor[];
    readonly shown: Shown;
  },
): Html {
  const { language } = request;
  const { headed, fields, shown } = granting;
  const { year, month, day } = civilDay(Temporal.Instant.from(request.now));
  const first = { "from-year": String(year), "from-month": String(month), "from-day": String(day) };
  const values = { ...(shown.values ?? first), ...(shown.organization && { organization: shown.organization }) };
  const form = renderForm(fields, { language, values, ...(shown.errors && { errors: shown.errors }) });
  const [only] = headed.length === 1 ? headed : [];
  const whose = only ? html`<p>${fill(GRANT_FOR, { name: only.name })[language]}</p>` : NOTHING;
  const named = only ? html`<input type="hidden" name="organization" value="${only.id}">` : NOTHING;
  return html`<section class="zt-section"><h2>${GRANT[language]}</h2>${whose}<form class="zt-sheet" action="${PATH}" method="post" novalidate>${formFields(request)}${named}${form}${button(
    { text: CONFIRM[language], preventDoubleClick: true },
  )}</form></section>`;
}
