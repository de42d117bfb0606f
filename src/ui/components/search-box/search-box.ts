import { attributes, type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";

/** A longer question is cut by the browser, and refused by the server. */
export const SEARCH_LENGTH_AT_MOST = 100;

export interface SearchBoxOptions {
  readonly language: Language;
  readonly action: string;
  readonly name?: string | undefined;
  readonly value?: string | undefined;
  readonly label: string;
  readonly placeholder?: string | undefined;
  readonly id?: string | undefined;
  /** Other parameters of the address that the search keeps. */
  readonly keep?: Readonly<Record<string, string>> | undefined;
}

const SEARCH = text("搜索", "Search");

export function searchBox(options: SearchBoxOptions): Html {
  const id = options.id ?? "search";
  const own = attributes({
    class: "zt-search__input",
    id,
    name: options.name ?? "q",
    type: "search",
    value: options.value,
    placeholder: options.placeholder,
    maxlength: SEARCH_LENGTH_AT_MOST,
    autocomplete: "off",
  });
  const kept = options.keep
    ? Object.entries(options.keep).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
    : NOTHING;
  return html`<form class="zt-search" action="${options.action}" method="get" role="search"><label class="govuk-visually-hidden" for="${id}">${options.label}</label>${kept}<input${own}><button class="zt-search__button" type="submit">${SEARCH[options.language]}</button></form>`;
}
