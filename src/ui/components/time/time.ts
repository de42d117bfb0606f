import { type Html, html } from "#lib/html/html";
import type { Language } from "#lib/language/text";
import { type DateFormat, formatDate, formatInstant } from "#ui/format";

/** A date or an instant, for people and for machines. */
export function time(when: Temporal.Instant | Temporal.PlainDate, language: Language, format: DateFormat = {}): Html {
  const said =
    when instanceof Temporal.Instant ? formatInstant(when, language, format) : formatDate(when, language, format);
  return html`<time datetime="${when.toString()}">${said}</time>`;
}
