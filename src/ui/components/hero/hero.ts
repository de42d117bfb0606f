import { type Html, html, NOTHING } from "#lib/html/html";
import type { Content } from "#ui/components/options";

export interface HeroOptions {
  readonly title: Content;
  readonly search: Html;
  /** What people come for most, one click away. */
  readonly often?: {
    readonly label: string;
    readonly links: readonly { readonly href: string; readonly text: string }[];
  };
}

/** The first thing on the home page: the question, and where to ask it. */
export function hero({ title, search, often }: HeroOptions): Html {
  const links = often
    ? html`<p class="zt-hero__often"><span>${often.label}</span>${often.links.map((link) => html`<a href="${link.href}">${link.text}</a>`)}</p>`
    : NOTHING;
  return html`<section class="zt-hero"><div class="zt-container"><h1>${title}</h1>${search}${links}</div></section>`;
}
