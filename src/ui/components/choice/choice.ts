import { type Attributes, attributes, type Html, html, NOTHING } from "#lib/html/html";
import { hint } from "#ui/components/hint/hint";
import { label } from "#ui/components/label/label";
import type { Content, Styled } from "#ui/components/options";

/** One radio button or checkbox, or a divider between them. */
export interface ChoiceItem {
  readonly text?: Content | undefined;
  readonly value?: string | number | null | undefined;
  readonly id?: string | undefined;
  readonly label?: Styled | undefined;
  readonly hint?: (Styled & { readonly text?: Content | undefined }) | undefined;
  readonly checked?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly divider?: string | undefined;
  /** Asked only when this is chosen. Without the script it shows always. */
  readonly conditional?: Content | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface ChoicePlace {
  readonly kind: "radios" | "checkboxes";
  readonly item: ChoiceItem;
  readonly id: string;
  readonly name: string | undefined;
  readonly checked: boolean;
  readonly describedBy: string | undefined;
  readonly behaviour?: string | undefined;
}

export function choiceItem(place: ChoicePlace): Html {
  const { kind, item, id } = place;
  if (item.divider) return html`<div class="govuk-${kind}__divider">${item.divider}</div>`;
  const own = attributes({
    class: `govuk-${kind}__input`,
    id,
    name: place.name ?? "",
    type: kind === "radios" ? "radio" : "checkbox",
    value: item.value ?? "",
    checked: place.checked,
    disabled: item.disabled,
    "data-aria-controls": item.conditional ? `conditional-${id}` : undefined,
    "data-behaviour": place.behaviour || undefined,
    "aria-describedby": place.describedBy,
    ...item.attributes,
  });
  const text = label({
    text: item.text,
    classes: `govuk-${kind}__label${item.label?.classes ? ` ${item.label.classes}` : ""}`,
    attributes: item.label?.attributes,
    for: id,
  });
  return html`<div class="govuk-${kind}__item"><input${own}>${text}${choiceHint(place)}</div>${conditional(place)}`;
}

function choiceHint({ kind, item, id }: ChoicePlace): Html {
  if (!item.hint?.text) return NOTHING;
  return hint({
    id: `${id}-item-hint`,
    classes: `govuk-${kind}__hint${item.hint.classes ? ` ${item.hint.classes}` : ""}`,
    attributes: item.hint.attributes,
    text: item.hint.text,
  });
}

function conditional({ kind, item, id, checked }: ChoicePlace): Html {
  if (!item.conditional) return NOTHING;
  const hidden = checked ? "" : ` govuk-${kind}__conditional--hidden`;
  return html`<div class="govuk-${kind}__conditional${hidden}" id="conditional-${id}">${item.conditional}</div>`;
}
