import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Language, type Text, text } from "#lib/language/text";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { button } from "#ui/components/button/button";
import { type Fact, facts } from "#ui/components/facts/facts";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { renderForm } from "#ui/form/render-form";
import { formatInstant } from "#ui/format";
import { formFields, portalResponse } from "../frame.ts";
import { optionText } from "../option-text.ts";
import { type Problem, problemSummary, refused } from "../problem.ts";
import { openCase } from "./case.ts";
import { isResponse, openDraft } from "./draft.ts";

const MY = text("我的", "My affairs");
const TITLE = text("信息有误，申请更正", "This is wrong");
const LEAD = text(
  "您有权要求更正关于您的不准确、不完整的信息（个人信息保护法第四十六条）。登记部门核实后更正，并告诉您结果；正在办的事不受影响。",
  "You may ask that wrong or incomplete information about you is corrected (Personal Information Protection Law, art. 46). The register's keeper checks it and tells you; what you applied for goes on meanwhile.",
);
const ABOUT_ME = text("关于我本人的信息（人口基础信息库）", "About me (population register)");
const ABOUT_ORGANIZATION = text("关于企业和个体工商户的信息", "About a business (register of legal entities)");
const ORGANIZATION_TEXT = text(
  "名称、住所、经营者等登记信息由登记机关更正：{authority}，电话 {phone}，{address}。请带营业执照前往，或先电话咨询。",
  "Name, address, operator and the like are corrected by the registration authority: {authority}, phone {phone}, {address}. Bring the business licence, or call first.",
);
const NUMBER_TEXT = text(
  "证件号码有误的，请带身份证件到公安机关办理。",
  "If the number of your document is wrong, bring the document to the public security organ.",
);
const SEND = text("提交更正申请", "Ask for the correction");
const MINE = text("我的更正申请", "My requests");
const AT = text("{at} 提交", "asked {at}");
const YOU_SAW = text("您看到的是", "What you saw");
const FIELDS = formDescriptors(population.operations.reportWrong.input);

/** Saying that something about oneself is wrong: from one's own page, from a fact of a draft, from a fact of a case. */
export function correctionPages(site: Site): readonly Page[] {
  return [
    definePage({
      path: "/my/corrections",
      audience: "person",
      get: (request) => screen(site, request, {}),
      post: (request) => send(site, request),
    }),
    definePage({
      path: "/drafts/:draft/wrong/:fact",
      audience: "person",
      get: async (request) => {
        const opened = await openDraft(site, request);
        if (isResponse(opened)) return opened;
        const { draft, item } = opened;
        return aboutFact(site, request, {
          known: draft.facts,
          declared: item.service.facts,
          back: `/drafts/${draft.id}/facts`,
        });
      },
    }),
    definePage({
      path: "/cases/:case/wrong/:fact",
      audience: "person",
      get: async (request) => {
        const opened = await openCase(site, request);
        if ("kind" in opened) return opened;
        const { application, service } = opened.page;
        return aboutFact(site, request, {
          known: application.facts,
          declared: service.facts,
          back: `/cases/${application.caseId}`,
        });
      },
    }),
  ];
}

async function aboutFact(
  site: Site,
  request: PageRequest,
  about: {
    readonly known: readonly { readonly id: string; readonly value: string }[];
    readonly declared: Readonly<Record<string, { readonly title: Text; readonly source: Text }>>;
    readonly back: string;
  },
): Promise<PageResponse> {
  const name = request.params["fact"] ?? "";
  const fact = about.known.find((one) => one.id === name);
  const declared = Object.hasOwn(about.declared, name) ? about.declared[name] : undefined;
  if (!fact || !declared) return { kind: "not-found" };
  const saw = { label: declared.title, value: fact.value, source: declared.source };
  return screen(site, request, { saw, back: about.back });
}

interface Shown {
  readonly saw?: { readonly label: Text; readonly value: string; readonly source: Text };
  readonly back?: string;
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problems?: readonly Problem[];
}

async function send(site: Site, request: PageRequest): Promise<PageResponse> {
  const read = parseForm(FIELDS, request.fields);
  if (Object.keys(read.errors).length > 0) return screen(site, request, read);
  const doors = request.front(population, { purpose: "own-affairs" });
  const reported = await doors.reportWrong(read.input as Parameters<typeof doors.reportWrong>[0]);
  if (!isRefusal(reported)) return { kind: "redirect", to: "/my/corrections#mine" };
  return screen(site, request, { ...read, problems: [{ text: reported.text, href: "#attribute" }] });
}

async function screen(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const { language } = request;
  const own = await request.front(population, { purpose: "own-affairs" }).ownCorrectionRequests({});
  if (isRefusal(own)) return refused(site, request, own as Refusal);
  const problems =
    shown.problems ??
    Object.entries(shown.errors ?? {}).map(([name, words]: [string, Text]) => ({ text: words, href: `#${name}` }));
  const ofPopulation = shown.saw === undefined || shown.saw.source.zh === population.title.zh;
  const ofBusiness = shown.saw === undefined || !ofPopulation;
  return portalResponse(site, request, {
    title: TITLE[language],
    hasErrors: problems.length > 0,
    ...(shown.back === undefined
      ? { breadcrumbs: [{ text: MY[language], href: "/my" }, { text: TITLE[language] }] }
      : { backHref: shown.back }),
    main: html`${problemSummary(language, problems)}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${sawFacts(shown, language)}${
      ofPopulation
        ? html`<h2>${ABOUT_ME[language]}</h2><form action="/my/corrections" method="post" novalidate>${formFields(request)}${renderForm(FIELDS, { language, values: shown.values, errors: shown.errors })}${button({ text: SEND[language], preventDoubleClick: true })}</form><p class="govuk-hint">${NUMBER_TEXT[language]}</p>`
        : NOTHING
    }${ofBusiness ? await business(site, language) : NOTHING}${own.items.length > 0 ? requests(own.items, language) : NOTHING}`,
  });
}

function sawFacts({ saw }: Shown, language: Language): Html {
  if (!saw) return NOTHING;
  const source = { kind: "note", text: saw.source[language] } as const;
  return facts({
    language,
    facts: [{ label: `${YOU_SAW[language]} ${saw.label[language]}`, value: saw.value, source }],
  });
}

async function business(site: Site, language: Language): Promise<Html> {
  const authority = await site.posts.authority(site.kernel.authorityOf(legalEntities.id));
  if (!authority) return NOTHING;
  const words = ORGANIZATION_TEXT[language]
    .replace("{authority}", authority.name[language])
    .replace("{phone}", authority.phone)
    .replace("{address}", authority.address);
  return html`<h2>${ABOUT_ORGANIZATION[language]}</h2><p class="zt-prose">${words}</p>`;
}

interface OwnRequest {
  readonly attribute: string;
  readonly claimed: string;
  readonly status: string;
  readonly decisionReason?: string | undefined;
  readonly recordedAt: string;
}

function requests(items: readonly OwnRequest[], language: Language): Html {
  const { attribute, status } = population.registers.correctionRequest.schema.shape;
  const rows = items.map((one): Fact => {
    const at = AT[language].replace("{at}", formatInstant(Temporal.Instant.from(one.recordedAt), language));
    const reason = one.decisionReason ? ` · ${one.decisionReason}` : "";
    return {
      label: optionText(attribute, one.attribute, language),
      value: one.claimed,
      source: { kind: "note", text: `${optionText(status, one.status, language)} · ${at}${reason}` },
    };
  });
  return html`<h2 id="mine">${MINE[language]}</h2>${facts({ language, facts: rows })}`;
}
