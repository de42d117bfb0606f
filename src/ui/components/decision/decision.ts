import { type Html, html, join, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import type { Content } from "#ui/components/options";

/** A fact that the application and a register state differently. */
export interface Difference {
  readonly label: string;
  readonly stated: Content;
  readonly registered: Content;
}

/** Something that the law asks to be established, and whether it is. */
export interface DecisionCheck {
  readonly state: "met" | "unmet" | "open";
  readonly text: Content;
  /** Who established it, when, on what evidence; the article. */
  readonly detail?: Content | undefined;
}

export interface DecisionOptions {
  readonly language: Language;
  readonly heading: Html;
  readonly clock: Html;
  readonly differences: readonly Difference[];
  readonly checks: readonly DecisionCheck[];
  /** Parts of the file, each with its title: facts, materials, opinions, history. */
  readonly parts: readonly { readonly title: Content; readonly content: Html }[];
  /** The form in which the official decides; stays in sight beside the file. */
  readonly form: Html;
}

const DIFFERENCES = text("{count} 项与登记信息不一致", "{count} differences from the registers");
const DIFFERENCE = text("1 项与登记信息不一致", "1 difference from the registers");
const NONE = text("申请内容与登记信息一致", "The application agrees with the registers");
const STATED = text("申请：", "Stated: ");
const REGISTERED = text("登记：", "Registered: ");
const CHECKS = text("许可条件", "What the law requires");
const STATES = { met: text("符合", "Met"), unmet: text("不符合", "Not met"), open: text("待查", "Open") } as const;

/** All that an official needs to decide, on one screen: the file on the left, the decision on the right. */
export function decision(options: DecisionOptions): Html {
  const { language } = options;
  const parts = options.parts.map(
    (part) => html`<section class="zt-decision__part"><h2>${part.title}</h2>${part.content}</section>`,
  );
  return html`${options.heading}<div class="zt-decision"><div class="zt-decision__file">${options.clock}${differences(options)}${checkList(options.checks, language)}${parts}</div><aside class="zt-decision__form">${options.form}</aside></div>`;
}

function differences({ differences: list, language }: DecisionOptions): Html {
  if (list.length === 0) return html`<p class="zt-differences zt-differences--none">${NONE[language]}</p>`;
  const title = list.length === 1 ? DIFFERENCE[language] : fill(DIFFERENCES, { count: list.length })[language];
  const items = list.map(
    (one) =>
      html`<li><strong>${one.label}</strong><span>${STATED[language]}${one.stated}</span><span>${REGISTERED[language]}${one.registered}</span></li>`,
  );
  return html`<section class="zt-differences"><h2>${title}</h2><ul>${items}</ul></section>`;
}

/** What the law requires, each line with its state in words. */
export function checkList(checks: readonly DecisionCheck[], language: Language): Html {
  if (checks.length === 0) return NOTHING;
  const items = checks.map(
    (check) =>
      html`<li class="zt-check zt-check--${check.state}"><span class="zt-check__state">${STATES[check.state][language]}</span><div>${join([check.text, check.detail && html`<p class="zt-check__detail">${check.detail}</p>`])}</div></li>`,
  );
  return html`<section class="zt-decision__part"><h2>${CHECKS[language]}</h2><ul class="zt-checks">${items}</ul></section>`;
}
