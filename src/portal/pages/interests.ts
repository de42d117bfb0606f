import type { MessageDeclaration, PartyRules } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { Procedure } from "#kernel/procedures/types";
import { sendToCase } from "#kernel/services/case-messages";
import { answerBy, isAwaited } from "#kernel/services/parties";
import { caseForParty, type PartyCase } from "#kernel/services/party-views";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { type Fact, facts } from "#ui/components/facts/facts";
import { nextStep } from "#ui/components/next-step/next-step";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { renderForm } from "#ui/form/render-form";
import { formatDate, formatInstant } from "#ui/format";
import { answerText } from "../answers.ts";
import { authorityName } from "../authority.ts";
import { statusTag } from "../case-words.ts";
import { formFields, portalResponse } from "../frame.ts";
import { formParts } from "../item.ts";
import { noticeList } from "../notice-list.ts";
import { type Problem, problemSummary, refusalProblems, refused } from "../problem.ts";

const MY = text("我的", "My affairs");
const META = text("办件编号 {number} · {authority}", "Case {number} · {authority}");
const AS = text("您是此件的利害关系人：{name}", "You are an interested party: {name}");
const ABOUT = text("申请的是什么", "What is applied for");
const APPLICANT = text("申请人", "Applicant");
const INTEREST = text("涉及您的重大利益", "How it touches you");
const ONLY = text(
  "依法只向您提供这些内容；申请人的其他资料不公开。您的查看会记入申请人的查询记录。",
  "This is what the law lets you see; the applicant's other particulars are not shown. That you looked is on the applicant's record.",
);
const NOTICES = text("送达您的文书", "Notices to you");
const SAID = text("您提出的意见", "What you stated");
const ASK_TITLE = text("请在 {day} 前表明是否要求听证", "Say by {day} whether you ask for a hearing");
const ASK_TEXT = text(
  "逾期不提出的，视为不要求听证。听证由机关组织，您不承担费用。作出决定前，您随时可以陈述和申辩。",
  "If you say nothing, no hearing is held on your account. A hearing costs you nothing. You can state your case until it is decided.",
);
const STATE_TITLE = text("决定还没有作出", "It is not decided yet");
const STATE_TEXT = text(
  "您随时可以陈述和申辩；机关应当听取，并在决定中说明采纳情况。",
  "You can state your case at any time; the authority hears it, and says in the decision what it made of it.",
);
const HEARING_TITLE = text("听证", "The hearing");
const HEARING_TEXT = text(
  "时间、地点和主持人写在听证通知书里。认为主持人与此事有直接利害关系的，可以申请其回避。",
  "Time, place and chair are in the notice of the hearing. You can challenge a chair who has a direct interest in the matter.",
);
const OVER_TITLE = text("此件已经结束", "This case is closed");
const OVER_TEXT = text(
  "作出决定的，决定内容和您的救济途径写在送达您的《行政许可决定告知书》里。",
  "Where it was decided, the notice of the decision says what was decided and what you can do about it.",
);
const ANSWERED = text("您已答复：{answer}（{at}）", "You answered: {answer} ({at})");
const RELATED = text("有关文书", "The notices");
const SEND = text("发送", "Send");
const KEEP = text("不，返回", "No, go back");
const ON_RECORD = text(
  "您的话会原样记入案卷，承办人员和决定人员都会看到；申请人在听证和决定中会知道其内容。",
  "Your words stand in the file as you write them. The officials see them; the applicant learns what they say at a hearing and in the decision.",
);

/** What a case is to someone whose weighty interest it touches (利害关系人, 行政许可法 §36, §47). */
export function interestPages(site: Site): readonly Page[] {
  return [
    definePage({
      path: "/interests/:party",
      audience: "person",
      get: async (request) => {
        const opened = await open(site, request);
        return "kind" in opened ? opened : show(site, request, opened);
      },
    }),
    definePage({
      path: "/interests/:party/send/:message",
      audience: "person",
      get: async (request) => {
        const opened = await open(site, request);
        if ("kind" in opened) return opened;
        return offered(opened, request) ? screen(site, request, opened) : { kind: "not-found" };
      },
      post: async (request) => {
        const opened = await open(site, request);
        return "kind" in opened ? opened : send(site, request, opened);
      },
    }),
  ];
}

interface Opened {
  readonly page: PartyCase;
  readonly definition: Procedure;
  readonly authority: Text;
  readonly rules: PartyRules | undefined;
}

async function open(site: Site, request: PageRequest): Promise<Opened | PageResponse> {
  const id = request.params["party"] ?? "";
  if (!isUuid(id)) return { kind: "not-found" };
  const page = await caseForParty(site.kernel, request.act({ purpose: "own-affairs" }), id);
  if (isRefusal(page)) return refused(site, request, page);
  const definition = await site.kernel.procedures.byDigest(site.kernel.database, page.view.digest);
  const { parties: rules } = page.service.procedure;
  return { page, definition, authority: await authorityName(site, page.authority), rules };
}

function show(site: Site, request: PageRequest, opened: Opened): PageResponse {
  const { language } = request;
  const { page, definition, authority } = opened;
  const { service, view, party, number } = page;
  const meta = fill(META, { number, authority: authority[language] })[language];
  return portalResponse(site, request, {
    title: `${service.title[language]} ${number}`,
    breadcrumbs: [{ text: MY[language], href: "/my" }, { text: number }],
    main: html`${pageHeading({
      title: service.title[language],
      tag: statusTag({ service, view }, definition, language, "party"),
      meta: html`${meta}<br>${fill(AS, { name: party.name })[language]}`,
    })}${next(request, opened)}<section class="zt-section"><h2>${ABOUT[language]}</h2><p class="govuk-hint">${ONLY[language]}</p>${facts(
      { language, facts: seenBy(page, language) },
    )}</section><section class="zt-section"><h2>${NOTICES[language]}</h2>${noticeList(page, language)}</section>${words(page, language)}`,
  });
}

function seenBy({ applicantName, form, party, service }: PartyCase, language: Language): readonly Fact[] {
  const answers = formParts(service)
    .flatMap((part) => part.fields)
    .filter((field) => form[field.name] !== undefined)
    .map((field): Fact => ({ label: field.title[language], value: answerText(field, form[field.name], language) }));
  return [
    { label: APPLICANT[language], value: applicantName },
    ...answers,
    { label: INTEREST[language], value: party.interest },
  ];
}

/** What stands first: what is asked of them and until when, and what they may do anyway. */
function next(request: PageRequest, opened: Opened): Html {
  const { language, now } = request;
  const { page, rules } = opened;
  const { party, view } = page;
  if (view.status !== "running") {
    return nextStep({ language, kind: "done", title: OVER_TITLE[language], text: OVER_TEXT[language] });
  }
  const open = messagesFor(opened, now);
  const links = html`${open.map(([name, declaration], index) =>
    button({
      text: declaration.title[language],
      href: `/interests/${party.id}/send/${name}`,
      classes: index === 0 ? undefined : "govuk-button--secondary",
    }),
  )}`;
  const last = rules && isAwaited(party, rules, now) ? answerBy(party, rules) : undefined;
  if (last !== undefined && open.some(([, { answer }]) => answer)) {
    const day = formatDate(Temporal.PlainDate.from(last), language);
    const title = fill(ASK_TITLE, { day })[language];
    return nextStep({ language, kind: "act", title, text: ASK_TEXT[language], actions: links });
  }
  const heard = view.awaited.some(({ message }) => page.service.procedure.messages[message]?.once);
  const answered = answerOf(page, language);
  return nextStep({
    language,
    kind: "wait",
    title: (heard ? HEARING_TITLE : STATE_TITLE)[language],
    text: html`${answered === "" ? NOTHING : html`<p>${answered}</p>`}<p>${(heard ? HEARING_TEXT : STATE_TEXT)[language]}</p>`,
    actions: links,
  });
}

function answerOf({ party, service }: PartyCase, language: Language): string {
  const { answer, answeredAt } = party;
  if (answer === undefined || answeredAt === undefined) return "";
  const at = formatInstant(Temporal.Instant.from(answeredAt), language);
  return fill(ANSWERED, { answer: service.procedure.messages[answer]?.title[language] ?? answer, at })[language];
}

/** What they may send now: the answers while they are asked, the rest while the case takes it. */
function messagesFor({ page, rules }: Opened, now: string): readonly (readonly [string, MessageDeclaration])[] {
  const { view, party, service, records } = page;
  const awaited = new Set(view.awaited.map(({ message }) => message));
  return Object.entries(service.procedure.messages).filter(([name, declaration]) => {
    if (!declaration.parties || view.status !== "running") return false;
    if (declaration.step === "kept") return true;
    if (!awaited.has(name)) return false;
    if (declaration.once && records.some(({ element }) => element === name)) return false;
    return !declaration.answer || (rules !== undefined && isAwaited(party, rules, now));
  });
}

function words({ records, service }: PartyCase, language: Language): Html {
  if (records.length === 0) return NOTHING;
  const rows = records.map(
    (record): Fact => ({
      label: service.procedure.messages[record.element]?.title[language] ?? record.element,
      value: String(record.content["note"] ?? ""),
      source: { kind: "note", text: formatInstant(Temporal.Instant.from(record.at), language) },
    }),
  );
  return html`<section class="zt-section"><h2>${SAID[language]}</h2>${facts({ language, facts: rows })}</section>`;
}

function offered(opened: Opened, request: PageRequest): MessageDeclaration | undefined {
  const name = request.params["message"] ?? "";
  return messagesFor(opened, request.now).find(([known]) => known === name)?.[1];
}

interface Entered {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problems?: readonly Problem[];
}

async function send(site: Site, request: PageRequest, opened: Opened): Promise<PageResponse> {
  const message = request.params["message"] ?? "";
  const declaration = offered(opened, request);
  const { caseId, id } = opened.page.party;
  // It was open when the form was drawn: where it is not any more, the case says why.
  const known = Object.hasOwn(opened.page.service.procedure.messages, message);
  if (!declaration && !known) return { kind: "not-found" };
  const form = (declaration ?? opened.page.service.procedure.messages[message])?.form;
  if (!form) return { kind: "not-found" };
  const read = parseForm(formDescriptors(form), request.fields);
  if (declaration && Object.keys(read.errors).length > 0) return screen(site, request, opened, read);
  const act = request.act({ purpose: "own-affairs", caseId });
  const sent = await sendToCase(site.kernel, act, { caseId, message, form: read.input });
  if (!isRefusal(sent)) return { kind: "redirect", to: `/interests/${id}` };
  if (sent.code === "form-wrong" && declaration) {
    return screen(site, request, opened, { ...read, problems: refusalProblems(sent, (path) => `#${path}`) });
  }
  return refused(site, request, sent, `/interests/${id}`);
}

function screen(site: Site, request: PageRequest, opened: Opened, entered: Entered = {}): PageResponse {
  const { language } = request;
  const message = offered(opened, request);
  if (!message) return { kind: "not-found" };
  const { page } = opened;
  const back = `/interests/${page.party.id}`;
  const { values = {}, errors = {} } = entered;
  const problems =
    entered.problems ??
    Object.entries(errors).map(([name, said]: [string, Text]) => ({ text: said, href: `#${name}` }));
  const form = renderForm(formDescriptors(message.form), { language, values, errors });
  return portalResponse(site, request, {
    title: message.title[language],
    backHref: back,
    hasErrors: problems.length > 0,
    main: html`<div class="zt-prose">${problemSummary(language, problems)}${pageHeading({
      caption: `${page.service.title[language]} · ${page.number}`,
      title: message.title[language],
    })}<p>${ON_RECORD[language]}</p><h2>${RELATED[language]}</h2>${noticeList(page, language)}<form class="zt-section" action="${request.path}" method="post" novalidate>${formFields(request)}${form}<div class="zt-actions">${button(
      { text: SEND[language], preventDoubleClick: true },
    )}${button({ text: KEEP[language], href: back, classes: "govuk-button--secondary" })}</div></form></div>`,
  });
}
