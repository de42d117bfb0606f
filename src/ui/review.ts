import { type Html, html } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { examples as accessList } from "#ui/components/access-list/examples";
import { examples as backLink } from "#ui/components/back-link/examples";
import { examples as breadcrumbs } from "#ui/components/breadcrumbs/examples";
import { examples as button } from "#ui/components/button/examples";
import { examples as caseCard } from "#ui/components/case-card/examples";
import { examples as characterCount } from "#ui/components/character-count/examples";
import { examples as checkboxes } from "#ui/components/checkboxes/examples";
import { examples as clock } from "#ui/components/clock/examples";
import { examples as dateInput } from "#ui/components/date-input/examples";
import { examples as decision } from "#ui/components/decision/examples";
import { examples as demonstrationBanner } from "#ui/components/demonstration-banner/examples";
import { examples as details } from "#ui/components/details/examples";
import { examples as emptyState } from "#ui/components/empty-state/examples";
import { examples as errorMessage } from "#ui/components/error-message/examples";
import { examples as errorSummary } from "#ui/components/error-summary/examples";
import type { Example } from "#ui/components/example";
import { examples as facts } from "#ui/components/facts/examples";
import { examples as fieldset } from "#ui/components/fieldset/examples";
import { examples as fileList } from "#ui/components/file-list/examples";
import { examples as fileUpload } from "#ui/components/file-upload/examples";
import { examples as formSteps } from "#ui/components/form-steps/examples";
import { examples as hero } from "#ui/components/hero/examples";
import { examples as hint } from "#ui/components/hint/examples";
import { examples as identityChoice } from "#ui/components/identity-choice/examples";
import { examples as input } from "#ui/components/input/examples";
import { examples as insetText } from "#ui/components/inset-text/examples";
import { examples as label } from "#ui/components/label/examples";
import { examples as languageSwitch } from "#ui/components/language-switch/examples";
import { examples as nextStep } from "#ui/components/next-step/examples";
import { examples as nodeMap } from "#ui/components/node-map/examples";
import { examples as notice } from "#ui/components/notice/examples";
import { examples as notificationBanner } from "#ui/components/notification-banner/examples";
import { examples as numbers } from "#ui/components/numbers/examples";
import { examples as pageHeading } from "#ui/components/page-heading/examples";
import { examples as pagination } from "#ui/components/pagination/examples";
import { examples as panel } from "#ui/components/panel/examples";
import { examples as passwordInput } from "#ui/components/password-input/examples";
import { examples as phaseBanner } from "#ui/components/phase-banner/examples";
import { examples as qr } from "#ui/components/qr/examples";
import { examples as radios } from "#ui/components/radios/examples";
import { examples as rail } from "#ui/components/rail/examples";
import { examples as receipt } from "#ui/components/receipt/examples";
import { examples as searchBox } from "#ui/components/search-box/examples";
import { examples as select } from "#ui/components/select/examples";
import { examples as skipLink } from "#ui/components/skip-link/examples";
import { examples as summaryList } from "#ui/components/summary-list/examples";
import { examples as table } from "#ui/components/table/examples";
import { examples as tabs } from "#ui/components/tabs/examples";
import { examples as tag } from "#ui/components/tag/examples";
import { examples as taskList } from "#ui/components/task-list/examples";
import { examples as taskTable } from "#ui/components/task-table/examples";
import { examples as textarea } from "#ui/components/textarea/examples";
import { examples as time } from "#ui/components/time/examples";
import { examples as timeline } from "#ui/components/timeline/examples";
import { examples as topics } from "#ui/components/topics/examples";
import { examples as verdict } from "#ui/components/verdict/examples";
import { examples as warningText } from "#ui/components/warning-text/examples";
import { portalPage } from "#ui/layouts/portal";

/** Every component with its examples; those of our own first. A test holds this list against the folders. */
export const COMPONENTS: Readonly<Record<string, readonly Example[]>> = {
  "page-heading": pageHeading,
  "next-step": nextStep,
  clock,
  rail,
  facts,
  receipt,
  decision,
  "node-map": nodeMap,
  notice,
  verdict,
  hero,
  "search-box": searchBox,
  numbers,
  topics,
  "case-card": caseCard,
  "task-table": taskTable,
  "task-list": taskList,
  timeline,
  "access-list": accessList,
  "form-steps": formSteps,
  "file-list": fileList,
  "identity-choice": identityChoice,
  "empty-state": emptyState,
  qr,
  time,
  "demonstration-banner": demonstrationBanner,
  "language-switch": languageSwitch,
  "back-link": backLink,
  breadcrumbs,
  button,
  "character-count": characterCount,
  checkboxes,
  "date-input": dateInput,
  details,
  "error-message": errorMessage,
  "error-summary": errorSummary,
  fieldset,
  "file-upload": fileUpload,
  hint,
  input,
  "inset-text": insetText,
  label,
  "notification-banner": notificationBanner,
  pagination,
  panel,
  "password-input": passwordInput,
  "phase-banner": phaseBanner,
  radios,
  select,
  "skip-link": skipLink,
  "summary-list": summaryList,
  table,
  tabs,
  tag,
  textarea,
  "warning-text": warningText,
};

const TITLE = text("组件", "Components");
const SITE = text("清源县政务服务", "Qingyuan Services");

export interface ReviewOptions {
  readonly language: Language;
  /** The address of this page. */
  readonly path: string;
  /** One component alone; all of them without it. */
  readonly component?: string | undefined;
}

/** Shows every example of every component, or of one. Undefined when there is no such component. */
export function reviewPage({ language, path, component }: ReviewOptions): Html | undefined {
  if (component !== undefined && !Object.hasOwn(COMPONENTS, component)) return undefined;
  const shown = component === undefined ? Object.keys(COMPONENTS) : [component];
  const other = language === "zh" ? "en" : "zh";
  const query = component === undefined ? "" : `component=${component}&`;
  return portalPage({
    language,
    title: component ?? TITLE[language],
    siteName: SITE[language],
    demonstration: true,
    homeHref: "/",
    languageHref: `${path}?${query}language=${other}`,
    navigation: [{ href: path, text: TITLE[language], current: true }],
    footer: { authority: SITE[language], links: [] },
    main: html`<h1>${component ?? TITLE[language]}</h1>${shown.map((name) => section(name, { language, path }))}`,
  });
}

function section(name: string, { language, path }: ReviewOptions): Html {
  const list = COMPONENTS[name] ?? [];
  const shown = list.map(
    (example, index) =>
      html`<div class="zt-example${example.wide ? " zt-example--wide" : ""}" id="${name}-example-${index + 1}"><p class="zt-example__name">${example.name}</p>${example.render(language)}</div>`,
  );
  return html`<section class="zt-section" id="${name}-examples"><h2><a href="${path}?component=${name}&language=${language}">${name}</a></h2>${shown}</section>`;
}
