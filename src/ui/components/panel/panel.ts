import { attributes, classNames, type Html, html, NOTHING } from "#lib/html/html";
import { button } from "#ui/components/button/button";
import type { Content, Styled } from "#ui/components/options";

export interface PanelAction extends Styled {
  readonly text?: string | undefined;
  readonly href?: string | undefined;
  readonly type?: "button" | "submit" | "reset" | undefined;
}

export interface PanelOptions extends Styled {
  readonly title?: Content | undefined;
  readonly headingLevel?: number | undefined;
  readonly text?: Content | undefined;
  /** Shown in a panel of the class `govuk-panel--interruption` only. */
  readonly actions?: (Styled & { readonly items?: readonly PanelAction[] | undefined }) | undefined;
}

export function panel(options: PanelOptions): Html {
  const interrupts = options.classes?.includes("govuk-panel--interruption") ?? false;
  const level = options.headingLevel || 1;
  const own = attributes({
    class: classNames("govuk-panel", !interrupts && "govuk-panel--confirmation", options.classes),
    ...options.attributes,
  });
  const body = options.text ? html`<div class="govuk-panel__body">${options.text}</div>` : NOTHING;
  const actions = interrupts && options.actions ? actionList(options.actions) : NOTHING;
  return html`<div${own}><h${level} class="govuk-panel__title">${options.title}</h${level}>${body}${actions}</div>`;
}

function actionList(actions: NonNullable<PanelOptions["actions"]>): Html {
  const own = attributes({ class: classNames("govuk-panel__actions", actions.classes), ...actions.attributes });
  const group = actions.items?.length
    ? html`<div class="govuk-button-group">${actions.items.map(action)}</div>`
    : NOTHING;
  return html`<div${own}>${group}</div>`;
}

function action(item: PanelAction): Html {
  if (!item.href || item.type === "button") {
    return button({
      text: item.text,
      type: item.type ?? "button",
      classes: classNames("govuk-button--inverse", item.classes),
      href: item.href,
      attributes: item.attributes,
    });
  }
  const own = attributes({
    class: classNames("govuk-link govuk-link--inverse", item.classes),
    href: item.href,
    ...item.attributes,
  });
  return html`<a${own}>${item.text}</a>`;
}
