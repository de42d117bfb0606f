import { attributes, classNames, type Html, html, NOTHING } from "#lib/html/html";
import { type Content, isPresent, type Maybe, type Styled } from "#ui/components/options";

export interface SummaryAction extends Styled {
  readonly text?: Content | undefined;
  readonly href: string;
  readonly visuallyHiddenText?: string | undefined;
}

export interface SummaryActions {
  readonly items?: readonly SummaryAction[] | undefined;
  readonly classes?: string | undefined;
}

export interface SummaryRow {
  readonly key: { readonly text?: Content | undefined; readonly classes?: string | undefined };
  readonly value?: { readonly text?: Content | undefined; readonly classes?: string | undefined } | undefined;
  readonly actions?: SummaryActions | undefined;
  readonly classes?: string | undefined;
}

export interface SummaryCardTitle {
  readonly text?: Content | undefined;
  readonly headingLevel?: number | undefined;
  readonly classes?: string | undefined;
}

export interface SummaryCard extends Styled {
  readonly title?: SummaryCardTitle | undefined;
  readonly actions?: SummaryActions | undefined;
}

export interface SummaryListOptions extends Styled {
  readonly rows: readonly Maybe<SummaryRow>[];
  readonly card?: SummaryCard | undefined;
}

export function summaryList(options: SummaryListOptions): Html {
  const rows = (options.rows ?? []).filter(isPresent);
  const anyHasActions = rows.some((entry) => entry.actions?.items?.length);
  const own = attributes({ class: classNames("govuk-summary-list", options.classes), ...options.attributes });
  const cardTitle = options.card?.title;
  const list = html`<dl${own}>${rows.map((entry) => row(entry, Boolean(anyHasActions), cardTitle))}</dl>`;
  return options.card ? card(options.card, list) : list;
}

function row(entry: SummaryRow, anyHasActions: boolean, cardTitle: SummaryCardTitle | undefined): Html {
  const classes = classNames(
    "govuk-summary-list__row",
    anyHasActions && !entry.actions?.items && "govuk-summary-list__row--no-actions",
    entry.classes,
  );
  const key = html`<dt class="${classNames("govuk-summary-list__key", entry.key.classes)}">${entry.key.text}</dt>`;
  const value = html`<dd class="${classNames("govuk-summary-list__value", entry.value?.classes)}">${entry.value?.text}</dd>`;
  return html`<div class="${classes}">${key}${value}${rowActions(entry.actions, cardTitle)}</div>`;
}

function rowActions(actions: SummaryActions | undefined, cardTitle: SummaryCardTitle | undefined): Html {
  const items = actions?.items ?? [];
  if (items.length === 0) return NOTHING;
  const links = items.map((action) => link(action, cardTitle));
  const inner =
    links.length === 1
      ? links
      : html`<ul class="govuk-summary-list__actions-list">${links.map((one) => html`<li class="govuk-summary-list__actions-list-item">${one}</li>`)}</ul>`;
  return html`<dd class="${classNames("govuk-summary-list__actions", actions?.classes)}">${inner}</dd>`;
}

function link(action: SummaryAction, cardTitle: SummaryCardTitle | undefined): Html {
  const own = attributes({
    class: classNames("govuk-link", action.classes),
    href: action.href ?? "",
    ...action.attributes,
  });
  const hidden =
    action.visuallyHiddenText || cardTitle
      ? html`<span class="govuk-visually-hidden">${action.visuallyHiddenText && ` ${action.visuallyHiddenText}`}${cardTitle && html` (${cardTitle.text})`}</span>`
      : NOTHING;
  return html`<a${own}>${action.text}${hidden}</a>`;
}

function card(options: SummaryCard, list: Html): Html {
  const own = attributes({ class: classNames("govuk-summary-card", options.classes), ...options.attributes });
  const level = options.title?.headingLevel || 2;
  const title = options.title
    ? html`<h${level} class="${classNames("govuk-summary-card__title", options.title.classes)}">${options.title.text}</h${level}>`
    : NOTHING;
  return html`<div${own}><div class="govuk-summary-card__title-wrapper">${title}${cardActions(options)}</div><div class="govuk-summary-card__content">${list}</div></div>`;
}

function cardActions({ actions, title }: SummaryCard): Html {
  const items = actions?.items ?? [];
  if (items.length === 0) return NOTHING;
  const classes = classNames("govuk-summary-card__actions", actions?.classes);
  if (items.length === 1) return html`<div class="${classes}">${link(items[0] as SummaryAction, title)}</div>`;
  return html`<ul class="${classes}">${items.map((action) => html`<li class="govuk-summary-card__action">${link(action, title)}</li>`)}</ul>`;
}
