import { type Html, html, NOTHING } from "#lib/html/html";
import { isText, type Language, text } from "#lib/language/text";
import { formatInstant } from "#ui/format";
import type { AnswerWords } from "./answer-words.ts";

/** How deep an answer is drawn; what is deeper is left out. */
const MAX_DEPTH = 5;
const MAX_ITEMS = 200;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;
const YES = text("是", "Yes");
const NO = text("否", "No");
const NOBODY = text("没有", "None");

interface Drawing {
  readonly language: Language;
  /** What the names in it are called; a name that is not there stands as it is. */
  readonly words: AnswerWords;
}

/** Any value of a contract as a table of names and values: for pages that know nothing else of it. */
export function valueTable(value: unknown, drawing: Drawing, name = "", depth = 0): Html {
  const { language, words } = drawing;
  if (value === null || value === undefined || depth > MAX_DEPTH) return NOTHING;
  if (isText(value)) return html`${value[language]}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return html`${NOBODY[language]}`;
    return html`<ol class="govuk-list govuk-list--number">${value
      .slice(0, MAX_ITEMS)
      .map((item) => html`<li>${valueTable(item, drawing, name, depth + 1)}</li>`)}</ol>`;
  }
  if (typeof value === "boolean") return html`${(value ? YES : NO)[language]}`;
  if (typeof value !== "object") return html`${said(String(value), drawing, name)}`;
  const rows = Object.entries(value).map(
    ([part, content]) =>
      html`<div class="zt-facts__row"><dt>${words.get(part)?.title[language] ?? part}</dt><dd>${valueTable(content, drawing, part, depth + 1)}</dd></div>`,
  );
  return html`<dl class="zt-facts">${rows}</dl>`;
}

/** A value of an enumeration by what it is called, an instant as a reader's clock shows it. */
function said(value: string, { language, words }: Drawing, name: string): string {
  const option = words.get(name)?.options?.[value];
  if (option) return option[language];
  return INSTANT.test(value) ? formatInstant(Temporal.Instant.from(value), language, { year: true }) : value;
}
