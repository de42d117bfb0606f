import { type Html, html, NOTHING } from "#lib/html/html";
import type { Language } from "#lib/language/text";
import type { Content } from "#ui/components/options";
import { time } from "#ui/components/time/time";

export interface TimelineEvent {
  readonly at: Temporal.Instant;
  readonly title: Content;
  readonly who?: Content | undefined;
  readonly text?: Content | undefined;
  /** Its receipt, its documents. */
  readonly more?: Content | undefined;
}

export interface TimelineOptions {
  readonly language: Language;
  readonly events: readonly TimelineEvent[];
  /** Whether the year is written with each date. */
  readonly year?: boolean | undefined;
}

/** What happened, in the order given. */
export function timeline({ language, events, year = false }: TimelineOptions): Html {
  return html`<ol class="zt-timeline">${events.map(
    (event) =>
      html`<li><p class="zt-timeline__at">${time(event.at, language, { year })}</p><div class="zt-timeline__what"><p class="zt-timeline__title">${event.title}</p>${
        event.who ? html`<p class="zt-timeline__who">${event.who}</p>` : NOTHING
      }${event.text ? html`<div class="zt-timeline__text">${event.text}</div>` : NOTHING}${
        event.more ? html`<p class="zt-timeline__more">${event.more}</p>` : NOTHING
      }</div></li>`,
  )}</ol>`;
}
