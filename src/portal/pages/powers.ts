import { identity, POWER_KINDS } from "#infrastructure/identity";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { civilDay } from "#lib/calendar/civil-day";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Language, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
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

const PATH = "/my/powers";
const MY = text("我的", "My affairs");
const TITLE = text("代家人、他人办事", "Acting for other people");
const LEAD = text(
  "谁可以为谁办事，以登记为准：未成年人的监护人来自户籍登记；成年人的监护人、继承人凭证明材料在窗口登记，由两名工作人员认定；其他人由本人在这里委托。每次以他人名义办事，本人都能在“谁查过我的数据”中看到。",
  "Who can act for whom is what is registered: a minor's guardian comes from the household register; guardians of adults, and heirs, have their documents recorded at a counter, where two officials decide; anyone else is authorized here by the person. Each time somebody sets out to act for another, that person sees it under “who looked at my data”.",
);
const HELD = text("我可以为谁办事", "For whom I can act");
const NOBODY = text("现在没有。", "Nobody at present.");
const CHOOSE = text("选择以谁的名义办事", "Choose in whose name you act");
const GIVEN = text("谁可以为我办事", "Who can act for me");
const GRANT = text("委托一个人为我办事", "Authorize someone to act for me");
const GRANT_LEAD = text(
  "须由本人办理的事项不能委托。每份委托只给一个人，由其单独办理（民法典第一百六十六条）。委托可以随时撤销，一分钟内生效；您去世的，委托终止。",
  "What has to be done in person cannot be left to others. Each authorization is for one person, who acts alone (Civil Code, art. 166). You can end it at any time; that takes effect within a minute.",
);
const CONFIRM = text("委托", "Authorize");
const WITHDRAW = text("撤销委托", "End it");
const RESIGN = text("不再代办", "Give it up");
const REGISTERED = text("来自户籍登记", "From the household register");
const AT_COUNTER = text(
  "认定有误或情况变化的，请持证明材料到窗口办理。",
  "Where this is wrong or has changed, come to a counter with your documents.",
);
const ROWS = { scope: text("范围", "For what"), until: text("期限至", "Until") };
const WHICH_HINT = text("只办理一个事项时选择", "Where it is for one service alone");
const DONE = {
  granted: text(
    "已委托。对方选择代表谁办事时，就能看到您。",
    "Authorized. You are now among those for whom they can act.",
  ),
  ended: text("已终止，一分钟内生效。", "It has ended; that takes effect within a minute."),
} as const;

interface Shown {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly done?: keyof typeof DONE;
}

/** Power to act for persons: what is registered, and what one gives oneself (民法典 §23, §165, §173). */
export function powersPage(site: Site): Page {
  return definePage({
    path: PATH,
    audience: "person",
    get: (request) => screen(site, request, {}),
    post: (request) => (fieldOf(request.fields, "do") === "end" ? end(site, request) : grant(site, request)),
  });
}

function doors(request: PageRequest) {
  return request.front(identity, { purpose: "own-affairs" });
}

/** Items in which an agent can do something: apply, or answer as an interested party. */
function fieldsOf(site: Site): readonly FieldDescriptor[] {
  const services = [...site.kernel.systems.values()].flatMap(({ contract }) =>
    Object.entries(contract.services)
      .filter(([, { forOthers, procedure }]) => forOthers?.includes("agent") || procedure.parties !== undefined)
      .map(([name, { title }]) => ({ value: `${contract.id}.${name}`, title })),
  );
  return formDescriptors(identity.operations.grantPower.input).map(
    (one): FieldDescriptor =>
      one.name === "service" ? { ...one, kind: "select", hint: WHICH_HINT, options: services } : one,
  );
}

async function grant(site: Site, request: PageRequest): Promise<PageResponse> {
  const { input, values, errors } = parseForm(fieldsOf(site), request.fields);
  if (Object.keys(errors).length > 0) return screen(site, request, { values, errors });
  const answer = await doors(request).grantPower(input as never);
  if (!isRefusal(answer)) return screen(site, request, { done: "granted" });
  if (answer.needs) return refused(site, request, answer, PATH);
  return screen(site, request, { values, errors: errorsOf(answer) });
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
  const answer = await doors(request).endPower({ id: fieldOf(request.fields, "id") });
  return isRefusal(answer) ? refused(site, request, answer as Refusal, PATH) : screen(site, request, { done: "ended" });
}

async function screen(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const { language } = request;
  const found = await doors(request).myPowers({});
  if (isRefusal(found)) return refused(site, request, found);
  const fields = fieldsOf(site);
  const hasErrors = Object.keys(shown.errors ?? {}).length > 0;
  const choose = html`<p><a class="govuk-link" href="/my/identity">${CHOOSE[language]}</a></p>`;
  return portalResponse(site, request, {
    title: TITLE[language],
    hasErrors,
    breadcrumbs: [{ text: MY[language], href: "/my" }, { text: TITLE[language] }],
    main: html`${hasErrors ? formErrorSummary(fields, { language, errors: shown.errors }) : NOTHING}${
      shown.done ? notificationBanner({ language, type: "success", text: DONE[shown.done][language] }) : NOTHING
    }${pageHeading({ title: TITLE[language], lead: LEAD[language] })}<section class="zt-section zt-stack"><h2>${HELD[language]}</h2>${
      found.held.length === 0
        ? html`<p>${NOBODY[language]}</p>`
        : html`${listed(site, request, found.held, "held")}${choose}`
    }</section><section class="zt-section zt-stack"><h2>${GIVEN[language]}</h2>${
      found.given.length === 0 ? html`<p>${NOBODY[language]}</p>` : listed(site, request, found.given, "given")
    }</section>${grantForm(request, fields, shown)}`,
  });
}

interface Held {
  readonly id?: string | undefined;
  readonly name: string;
  readonly right: keyof typeof POWER_KINDS;
  readonly scope: string;
  readonly service?: string | undefined;
  readonly to?: string | undefined;
}

function listed(site: Site, request: PageRequest, powers: readonly Held[], side: "held" | "given"): readonly Html[] {
  const { language } = request;
  return powers.map((power) => {
    const until = power.to === undefined ? [] : [dayRow(power.to, language)];
    const rows = [{ label: ROWS.scope[language], value: scopeText(site, power, language) }, ...until];
    return html`<section class="zt-sheet"><h3>${power.name} ${tag({ text: POWER_KINDS[power.right][language] })}</h3>${facts(
      {
        language,
        facts: rows,
      },
    )}${ending(request, power, side)}</section>`;
  });
}

function dayRow(to: string, language: Language) {
  return { label: ROWS.until[language], value: formatDate(Temporal.PlainDate.from(to), language, { year: true }) };
}

function scopeText(site: Site, { scope, service = "" }: Held, language: Language): string {
  const [room = "", name = ""] = service.split(".");
  const title = site.kernel.systems.get(room)?.contract.services[name]?.title[language];
  const options = formDescriptors(identity.operations.grantPower.input).find((one) => one.name === "scope")?.options;
  const words = options?.find(({ value }) => value === scope)?.title[language] ?? scope;
  return scope === "one-service" ? `${words} · ${title ?? service}` : words;
}

/** What one may end oneself; of the rest, where it is ended. */
function ending(request: PageRequest, { id, right }: Held, side: "held" | "given"): Html {
  const { language } = request;
  if (id === undefined) return html`<p>${REGISTERED[language]}</p>`;
  if (right === "guardian" || (side === "given" && right === "heir")) return html`<p>${AT_COUNTER[language]}</p>`;
  return endForm(request, id, side === "given" ? WITHDRAW : RESIGN);
}

function endForm(request: PageRequest, id: string, words: Text): Html {
  return html`<form action="${PATH}" method="post">${formFields(request)}<input type="hidden" name="do" value="end"><input type="hidden" name="id" value="${id}"><div class="zt-actions">${button(
    { text: words[request.language], classes: "govuk-button--secondary", preventDoubleClick: true },
  )}</div></form>`;
}

function grantForm(request: PageRequest, fields: readonly FieldDescriptor[], shown: Shown): Html {
  const { language } = request;
  const { year, month, day } = civilDay(Temporal.Instant.from(request.now));
  const first = { "from-year": String(year), "from-month": String(month), "from-day": String(day) };
  const values = shown.values ?? first;
  const form = renderForm(fields, { language, values, ...(shown.errors && { errors: shown.errors }) });
  return html`<section class="zt-section zt-stack"><h2>${GRANT[language]}</h2><p>${GRANT_LEAD[language]}</p><form class="zt-sheet" action="${PATH}" method="post" novalidate>${formFields(request)}${form}${button(
    { text: CONFIRM[language], preventDoubleClick: true },
  )}</form></section>`;
}
