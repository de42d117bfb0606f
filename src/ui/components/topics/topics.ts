import { type Html, html, NOTHING } from "#lib/html/html";
import type { Content } from "#ui/components/options";

export interface Topic {
  readonly href: string;
  readonly title: Content;
  readonly text?: Content | undefined;
}

/** A grid of links, each with a line that says what is behind it. */
export function topics(list: readonly Topic[]): Html {
  return html`<ul class="zt-topics">${list.map(
    (topic) =>
      html`<li><a href="${topic.href}">${topic.title}</a>${topic.text ? html`<p>${topic.text}</p>` : NOTHING}</li>`,
  )}</ul>`;
}
