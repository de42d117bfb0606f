import { type Html, html, NOTHING } from "#lib/html/html";
import { isText, type Language } from "#lib/language/text";

/** How deep an answer is drawn; what is deeper is left out. */
const MAX_DEPTH = 5;
const MAX_ITEMS = 200;

/** Any value of a contract as a table of names and values: for pages that know nothing else of it. */
export function valueTable(value: unknown, language: Language, depth = 0): Html {
  if (value === null || value === undefined || depth > MAX_DEPTH) return NOTHING;
  if (isText(value)) return html`${value[language]}`;
  if (Array.isArray(value)) {
    return html`<ol class="govuk-list govuk-list--number">${value
      .slice(0, MAX_ITEMS)
      .map((item) => html`<li>${valueTable(item, language, depth + 1)}</li>`)}</ol>`;
  }
  if (typeof value !== "object") return html`${String(value)}`;
  const rows = Object.entries(value).map(
    ([name, part]) =>
      html`<div class="zt-facts__row"><dt>${name}</dt><dd>${valueTable(part, language, depth + 1)}</dd></div>`,
  );
  return html`<dl class="zt-facts">${rows}</dl>`;
}
