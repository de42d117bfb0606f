import type { Attributes } from "#lib/html/html";
import { attributes, classNames, type Html, html, NOTHING, trusted } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { type Content, isPresent, type Maybe, type Spoken, type Styled, say } from "#ui/components/options";

export interface PaginationItem {
  readonly number?: number | string | undefined;
  readonly href?: string | undefined;
  readonly current?: boolean | undefined;
  readonly ellipsis?: boolean | undefined;
  readonly visuallyHiddenText?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface PaginationLink {
  readonly href: string;
  readonly text?: Content | undefined;
  readonly labelText?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface PaginationOptions extends Styled, Spoken {
  readonly items?: readonly Maybe<PaginationItem>[] | undefined;
  readonly previous?: PaginationLink | undefined;
  readonly next?: PaginationLink | undefined;
  readonly landmarkLabel?: string | undefined;
}

const PAGINATION = text("分页", "Pagination");
const PAGE = text("第 {number} 页", "Page {number}");
const PREVIOUS = text("上一页", "Previous");
const NEXT = text("下一页", "Next");
/** English completes "Previous" and "Next" for those who hear them; the Chinese words are complete. */
const REST = trusted('<span class="govuk-visually-hidden"> page</span>');

const ICON_PREVIOUS = trusted(
  '<svg class="govuk-pagination__icon govuk-pagination__icon--prev" xmlns="http://www.w3.org/2000/svg" height="13" width="15" aria-hidden="true" focusable="false" viewBox="0 0 15 13"><path d="m6.5938-0.0078125-6.7266 6.7266 6.7441 6.4062 1.377-1.449-4.1856-3.9768h12.896v-2h-12.984l4.2931-4.293-1.414-1.414z"></path></svg>',
);
const ICON_NEXT = trusted(
  '<svg class="govuk-pagination__icon govuk-pagination__icon--next" xmlns="http://www.w3.org/2000/svg" height="13" width="15" aria-hidden="true" focusable="false" viewBox="0 0 15 13"><path d="m8.107-0.0078125-1.4136 1.414 4.2926 4.293h-12.986v2h12.896l-4.1855 3.9766 1.377 1.4492 6.7441-6.4062-6.7246-6.7266z"></path></svg>',
);

export function pagination(options: PaginationOptions): Html {
  const isBlock = !options.items && Boolean(options.next || options.previous);
  const own = attributes({
    class: classNames("govuk-pagination", isBlock && "govuk-pagination--block", options.classes),
    "aria-label": options.landmarkLabel || say(PAGINATION, options.language),
    ...options.attributes,
  });
  const list = options.items
    ? html`<ul class="govuk-pagination__list">${options.items.map((item) => isPresent(item) && Object.keys(item).length > 0 && page(item, options))}</ul>`
    : NOTHING;
  return html`<nav${own}>${arrow("prev", isBlock, options)}${list}${arrow("next", isBlock, options)}</nav>`;
}

function arrow(direction: "prev" | "next", isBlock: boolean, options: PaginationOptions): Html {
  const link = direction === "prev" ? options.previous : options.next;
  if (!link?.href) return NOTHING;
  const word = say(direction === "prev" ? PREVIOUS : NEXT, options.language);
  const title = link.text || html`${word}${options.language === "zh" ? NOTHING : REST}`;
  const icon = direction === "prev" ? ICON_PREVIOUS : ICON_NEXT;
  const decorated = isBlock && !link.labelText && "govuk-pagination__link-title--decorated";
  const label =
    link.labelText && isBlock
      ? html`<span class="govuk-visually-hidden">:</span><span class="govuk-pagination__link-label">${link.labelText}</span>`
      : NOTHING;
  const own = attributes({
    class: "govuk-link govuk-pagination__link",
    href: link.href,
    rel: direction,
    ...link.attributes,
  });
  const leads = isBlock || direction === "prev";
  return html`<div class="govuk-pagination__${direction}"><a${own}>${leads && icon}<span class="${classNames("govuk-pagination__link-title", decorated)}">${title}</span>${label}${!leads && icon}</a></div>`;
}

function page(item: PaginationItem, { language }: PaginationOptions): Html {
  const classes = classNames(
    "govuk-pagination__item",
    item.current && "govuk-pagination__item--current",
    item.ellipsis && "govuk-pagination__item--ellipsis",
  );
  if (item.ellipsis) return html`<li class="${classes}">⋯</li>`;
  const own = attributes({
    class: "govuk-link govuk-pagination__link",
    href: item.href ?? "",
    "aria-label": item.visuallyHiddenText ?? say(fill(PAGE, { number: item.number ?? "" }), language),
    "aria-current": item.current ? "page" : undefined,
    ...item.attributes,
  });
  return html`<li class="${classes}"><a${own}>${item.number}</a></li>`;
}
