import type { Attributes } from "#lib/html/html";
import { attributes, classNames, type Html, html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { type Content, type Spoken, type Styled, say } from "#ui/components/options";

export interface Breadcrumb {
  readonly text?: Content | undefined;
  readonly href?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface BreadcrumbsOptions extends Styled, Spoken {
  readonly items: readonly Breadcrumb[];
  readonly collapseOnMobile?: boolean | undefined;
  readonly labelText?: string | undefined;
}

const WAY = text("当前位置", "Breadcrumb");

export function breadcrumbs(options: BreadcrumbsOptions): Html {
  const own = attributes({
    class: classNames(
      "govuk-breadcrumbs",
      options.classes,
      options.collapseOnMobile && "govuk-breadcrumbs--collapse-on-mobile",
    ),
    ...options.attributes,
    "aria-label": options.labelText ?? say(WAY, options.language),
  });
  return html`<nav${own}><ol class="govuk-breadcrumbs__list">${(options.items ?? []).map(crumb)}</ol></nav>`;
}

function crumb(item: Breadcrumb): Html {
  if (!item.href) return html`<li class="govuk-breadcrumbs__list-item" aria-current="page">${item.text}</li>`;
  return html`<li class="govuk-breadcrumbs__list-item"><a class="govuk-breadcrumbs__link" href="${item.href}"${attributes(item.attributes ?? {})}>${item.text}</a></li>`;
}
