import type { Attributes } from "#lib/html/html";
import { attributes, classNames, type Html, html, NOTHING } from "#lib/html/html";
import { text } from "#lib/language/text";
import { type Content, isPresent, type Maybe, type Spoken, type Styled, say } from "#ui/components/options";

export interface TabItem {
  readonly label: string;
  readonly id?: string | undefined;
  readonly attributes?: Attributes | undefined;
  readonly panel: { readonly text?: Content | undefined; readonly attributes?: Attributes | undefined };
}

export interface TabsOptions extends Styled, Spoken {
  readonly id?: string | undefined;
  readonly idPrefix?: string | undefined;
  readonly title?: string | undefined;
  readonly items?: readonly Maybe<TabItem>[] | undefined;
}

const CONTENTS = text("目录", "Contents");

/** Without the script: a table of contents, then every panel, one after the other. */
export function tabs(options: TabsOptions): Html {
  const own = attributes({
    id: options.id || undefined,
    class: classNames("govuk-tabs", options.classes),
    ...options.attributes,
    "data-module": "govuk-tabs",
  });
  const placed = (options.items ?? []).map((item, index) => ({ item, index }));
  const present = placed.filter((place): place is { item: TabItem; index: number } => isPresent(place.item));
  const idOf = (item: TabItem, index: number) => item.id || `${options.idPrefix ?? ""}-${index + 1}`;
  const list = placed.length
    ? html`<ul class="govuk-tabs__list">${present.map(({ item, index }) => entry(item, idOf(item, index), index === 0))}</ul>`
    : NOTHING;
  const panels = present.map(({ item, index }) => panel(item, idOf(item, index), index > 0));
  return html`<div${own}><h2 class="govuk-tabs__title">${options.title ?? say(CONTENTS, options.language)}</h2>${list}${panels}</div>`;
}

function entry(item: TabItem, id: string, selected: boolean): Html {
  const classes = classNames("govuk-tabs__list-item", selected && "govuk-tabs__list-item--selected");
  return html`<li class="${classes}"><a class="govuk-tabs__tab" href="#${id}"${attributes(item.attributes ?? {})}>${item.label}</a></li>`;
}

function panel(item: TabItem, id: string, hidden: boolean): Html {
  const own = attributes({
    class: classNames("govuk-tabs__panel", hidden && "govuk-tabs__panel--hidden"),
    id,
    ...item.panel.attributes,
  });
  const content = item.panel.text;
  const inner = typeof content === "string" && content !== "" ? html`<p class="govuk-body">${content}</p>` : content;
  return html`<div${own}>${inner}</div>`;
}
