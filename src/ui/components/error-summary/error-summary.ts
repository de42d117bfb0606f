import type { Attributes } from "#lib/html/html";
import { attributes, classNames, type Html, html, NOTHING } from "#lib/html/html";
import type { Content, Styled } from "#ui/components/options";

export interface ErrorSummaryItem {
  readonly text?: Content | undefined;
  /** Where the field is: `#name`. */
  readonly href?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface ErrorSummaryOptions extends Styled {
  readonly title?: Content | undefined;
  readonly description?: Content | undefined;
  readonly errorList?: readonly ErrorSummaryItem[] | undefined;
  readonly disableAutoFocus?: boolean | undefined;
}

export function errorSummary(options: ErrorSummaryOptions): Html {
  const own = attributes({
    class: classNames("govuk-error-summary", options.classes),
    "data-disable-auto-focus": options.disableAutoFocus === undefined ? undefined : String(options.disableAutoFocus),
    ...options.attributes,
    "data-module": "govuk-error-summary",
  });
  const description = options.description ? html`<p>${options.description}</p>` : NOTHING;
  const list = options.errorList?.length
    ? html`<ul class="govuk-list govuk-error-summary__list">${options.errorList.map(item)}</ul>`
    : NOTHING;
  return html`<div${own}><div role="alert"><h2 class="govuk-error-summary__title">${options.title}</h2><div class="govuk-error-summary__body">${description}${list}</div></div></div>`;
}

function item(error: ErrorSummaryItem): Html {
  if (!error.href) return html`<li>${error.text}</li>`;
  return html`<li><a href="${error.href}"${attributes(error.attributes ?? {})}>${error.text}</a></li>`;
}
