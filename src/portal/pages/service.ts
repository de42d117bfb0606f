import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { Element, Procedure } from "#kernel/procedures/types";
import type { PersonRight } from "#kernel/system/act";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { type RailStep, rail } from "#ui/components/rail/rail";
import { summaryList } from "#ui/components/summary-list/summary-list";
import { tag } from "#ui/components/tag/tag";
import { citationWords } from "../article-words.ts";
import { portalResponse } from "../frame.ts";
import { type Item, itemAt } from "../item.ts";
import { usualTasks } from "../usual-way.ts";

const SERVICES = text("办事", "Services");
const START = text("开始办理", "Start now");
const START_HINT = text(
  "大约十分钟。需要登录；随时可以保存，以后再填。",
  "About ten minutes. You sign in first, and can save and come back at any time.",
);
const WHO = text("谁可以办", "Who can apply");
const APPLICANTS = {
  person: text("个人", "Persons"),
  organization: text("企业、个体工商户和其他组织", "Businesses and other organizations"),
} as const;
const FEE = text("收费", "Fee");
const LIMITS = text("办理时限", "Time limits");
const LIMITS_TEXT = text(
  "承诺 {promised} 个工作日，法定 {statutory} 个工作日（自受理起）",
  "Promised {promised} working days; {statutory} by law, from acceptance",
);
const RESULT = text("您会得到", "What you get");
const BY = text("由谁办理", "Who decides");
const KNOWN = text("您不用提交的", "What you need not hand in");
const KNOWN_TEXT = text(
  "这些政府已经有了，申请时由系统查询：",
  "Government has these already; they are fetched when you apply:",
);
const BRING = text("您需要准备的", "What you need to have ready");
const REQUIRED = text("必须", "Needed");
const OPTIONAL = text("选交", "Optional");
const STEPS = text("怎么办", "How it goes");
const YOU_SUBMIT = text("您在网上提交，当场得到收件凭证", "You submit online and get a receipt at once");
const BASIS = text("法律依据", "Legal basis");
const REMEDIES = text("不同意怎么办", "If you do not agree");
const REMEDY_RECONSIDER = text(
  "六十日内向{reconsideration}申请行政复议。",
  "Ask {reconsideration} for reconsideration within 60 days.",
);
const REMEDY_SUIT = text(
  "六个月内向{court}提起行政诉讼；经过复议的，十五日内。",
  "Bring a suit at {court} within six months, or within 15 days after a reconsideration.",
);
const REMEDY_COMPLAIN = text(
  "对服务不满意的，可以拨打 12345 投诉；市场监管问题拨打 12315。",
  "To complain about the service call 12345; about market regulation, 12315.",
);

/** The guide of one item, derived from its contract: nothing here is written twice. */
export function servicePage(site: Site): Page {
  return definePage({
    path: "/services/:room/:service",
    audience: "public",
    get: async (request) => {
      const item = itemAt(site.kernel, request.params["room"], request.params["service"]);
      if (!item) return { kind: "not-found" };
      const { language } = request;
      const { service } = item;
      const definition = site.kernel.procedures.current(item.ref.room, item.ref.service);
      return portalResponse(site, request, {
        title: service.title[language],
        description: service.summary[language],
        indexed: true,
        breadcrumbs: [{ text: SERVICES[language], href: "/services" }, { text: service.title[language] }],
        main: html`${pageHeading({ title: service.title[language], lead: service.summary[language] })}<div class="zt-actions">${button(
          { text: START[language], href: `${item.href}/start`, isStartButton: true },
        )}<span class="govuk-hint">${START_HINT[language]}</span></div><div class="zt-section zt-two"><aside class="zt-after"><h2>${STEPS[language]}</h2>${steps(definition, language)}</aside><div class="zt-stack">${await essentials(
          site,
          item,
          language,
        )}${documents(item, language)}${known(item, language)}${basis(item, language)}${await remedies(site, item, language)}</div></div>`,
      });
    },
  });
}

const FOR_OTHERS = text("{who}；可由{others}代办", "{who}; for them: {others}");
const OTHERS: Readonly<Record<PersonRight, Text>> = {
  guardian: text("监护人", "a guardian"),
  heir: text("继承人", "an heir"),
  agent: text("受托人", "an agent"),
};

function whoApplies({ applicants, forOthers = [] }: Item["service"], language: Language): string {
  const separator = language === "zh" ? "、" : ", ";
  const who = applicants.map((one) => APPLICANTS[one][language]).join(separator);
  const others = forOthers.map((right) => OTHERS[right][language]).join(separator);
  return others === "" ? who : fill(FOR_OTHERS, { who, others })[language];
}

async function essentials(site: Site, { service, ref }: Item, language: Language): Promise<Html> {
  const authority = await site.posts.authority(site.kernel.authorityOf(ref.room));
  const { promisedDays: promised, statutoryDays: statutory } = service.limits;
  const rows = [
    [WHO, whoApplies(service, language)],
    [FEE, service.fee[language]],
    [LIMITS, fill(LIMITS_TEXT, { promised, statutory })[language]],
    [RESULT, service.result[language]],
    ...(authority ? ([[BY, `${authority.name[language]}　${authority.phone}`]] as const) : []),
  ] as const;
  return summaryList({ rows: rows.map(([key, value]) => ({ key: { text: key[language] }, value: { text: value } })) });
}

function documents({ service }: Item, language: Language): Html {
  const items = Object.values(service.materials).map((material) => {
    const need = tag({
      text: (material.required ? REQUIRED : OPTIONAL)[language],
      classes: material.required ? "zt-tag--wait" : "zt-tag--quiet",
    });
    return html`<li>${material.title[language]} ${need}${material.hint ? html`<p>${material.hint[language]}</p>` : NOTHING}</li>`;
  });
  return html`<section><h2>${BRING[language]}</h2><ul class="zt-files">${items}</ul></section>`;
}

function known({ service }: Item, language: Language): Html {
  const bySource = new Map<string, string[]>();
  for (const fact of Object.values(service.facts)) {
    const source = fact.source[language];
    bySource.set(source, [...(bySource.get(source) ?? []), fact.title[language]]);
  }
  const separator = language === "zh" ? "、" : ", ";
  const colon = language === "zh" ? "：" : ": ";
  const items = [...bySource].map(([source, titles]) => html`<li>${source}${colon}${titles.join(separator)}</li>`);
  return html`<section class="zt-prose"><h2>${KNOWN[language]}</h2><p>${KNOWN_TEXT[language]}</p><ul>${items}</ul></section>`;
}

function steps(definition: Procedure | undefined, language: Language): Html {
  const usual: readonly Element[] = definition ? usualTasks(definition) : [];
  const ahead = usual.map((element): RailStep => ({ title: element.title[language], state: "ahead" }));
  return rail({
    language,
    label: STEPS[language],
    steps: [{ title: YOU_SUBMIT[language], state: "ahead" }, ...ahead],
  });
}

function basis({ service }: Item, language: Language): Html {
  const cited = service.legalBasis.map((citation) => html`<li>${citationWords(citation, language)}</li>`);
  return html`<section class="zt-prose"><h2>${BASIS[language]}</h2><ul>${cited}</ul></section>`;
}

async function remedies(site: Site, { ref }: Item, language: Language): Promise<Html> {
  const authority = await site.posts.authority(site.kernel.authorityOf(ref.room));
  const lines = authority
    ? [
        fill(REMEDY_RECONSIDER, { reconsideration: authority.reconsideration[language] })[language],
        fill(REMEDY_SUIT, { court: authority.court[language] })[language],
      ]
    : [];
  return html`<section class="zt-prose"><h2>${REMEDIES[language]}</h2><ul>${[...lines, REMEDY_COMPLAIN[language]].map((line) => html`<li>${line}</li>`)}</ul></section>`;
}
