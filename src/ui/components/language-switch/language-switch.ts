import { type Html, html } from "#lib/html/html";
import type { Language } from "#lib/language/text";

const NAMES: Readonly<Record<Language, string>> = { zh: "中文", en: "English" };
const TAGS: Readonly<Record<Language, string>> = { zh: "zh-CN", en: "en" };

export interface LanguageSwitchOptions {
  /** The language of this page. */
  readonly language: Language;
  /** The same page in the other language. */
  readonly href: string;
}

/** A link to this page in the other language, written in that language. */
export function languageSwitch({ language, href }: LanguageSwitchOptions): Html {
  const other = language === "zh" ? "en" : "zh";
  return html`<a class="zt-language" href="${href}" rel="alternate" lang="${TAGS[other]}" hreflang="${TAGS[other]}">${NAMES[other]}</a>`;
}

/** The language tag of a page (BCP 47). */
export function languageTag(language: Language): string {
  return TAGS[language];
}
