import { type Html, html, NOTHING } from "#lib/html/html";
import type { Content } from "#ui/components/options";
import { type TagOptions, tag } from "#ui/components/tag/tag";

export interface PageHeadingOptions {
  readonly title: Content;
  /** What stands above the title: the item, the register, the question's section. */
  readonly caption?: Content | undefined;
  readonly tag?: TagOptions | undefined;
  /** One line under it: number, authority, applicant, receipt. */
  readonly meta?: Content | undefined;
  readonly lead?: Content | undefined;
}

export function pageHeading(options: PageHeadingOptions): Html {
  const caption = options.caption ? html`<p class="zt-heading__caption">${options.caption}</p>` : NOTHING;
  const status = options.tag ? tag(options.tag) : NOTHING;
  const meta = options.meta ? html`<div class="zt-heading__meta">${options.meta}</div>` : NOTHING;
  const lead = options.lead ? html`<p class="zt-heading__lead">${options.lead}</p>` : NOTHING;
  return html`<div class="zt-heading">${caption}<div class="zt-heading__line"><h1>${options.title}</h1>${status}</div>${meta}${lead}</div>`;
}
