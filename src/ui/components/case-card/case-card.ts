import { type Html, html, NOTHING } from "#lib/html/html";
import type { Content } from "#ui/components/options";
import { type TagOptions, tag } from "#ui/components/tag/tag";

export interface CaseCardOptions {
  readonly href: string;
  readonly title: Content;
  readonly status: TagOptions;
  /** Number, authority, on whose behalf. */
  readonly meta: Content;
  /** What happens next, in one sentence. */
  readonly next?: Content | undefined;
  /** Whether the reader must act. */
  readonly needsYou?: boolean | undefined;
  /** What else can be done with it; `about` says to a screen reader with which. */
  readonly action?: { readonly href: string; readonly text: string; readonly about: string } | undefined;
}

/** One case in the list of my cases. */
export function caseCard(options: CaseCardOptions): Html {
  return html`<article class="zt-card${options.needsYou ? " zt-card--act" : ""}"><div class="zt-card__line"><h3><a href="${options.href}">${options.title}</a></h3>${tag(options.status)}</div>${
    options.next ? html`<p class="zt-card__next">${options.next}</p>` : NOTHING
  }<p class="zt-card__meta">${options.meta}${action(options.action)}</p></article>`;
}

function action(options: CaseCardOptions["action"]): Html {
  if (!options) return NOTHING;
  return html` · <a class="govuk-link" href="${options.href}">${options.text}<span class="govuk-visually-hidden"> ${options.about}</span></a>`;
}
