import { type Html, html, NOTHING } from "#lib/html/html";
import type { Content } from "#ui/components/options";

export interface EmptyStateOptions {
  readonly title: Content;
  readonly text?: Content | undefined;
  readonly action?: { readonly href: string; readonly text: string } | undefined;
}

/** Says that there is nothing, why, and what one can do. */
export function emptyState({ title, text, action }: EmptyStateOptions): Html {
  return html`<div class="zt-empty"><p class="zt-empty__title">${title}</p>${text ? html`<p>${text}</p>` : NOTHING}${
    action ? html`<p><a class="govuk-link" href="${action.href}">${action.text}</a></p>` : NOTHING
  }</div>`;
}
