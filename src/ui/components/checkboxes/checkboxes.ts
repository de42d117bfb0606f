import { attributes, classNames, type Html, html } from "#lib/html/html";
import { type ChoiceItem, choiceItem } from "#ui/components/choice/choice";
import { type FieldsetOptions, fieldset } from "#ui/components/fieldset/fieldset";
import { type ChoicesOptions, fieldParts, formGroup } from "#ui/components/form-group/form-group";
import { isPresent, type Maybe } from "#ui/components/options";

export interface CheckboxItem extends ChoiceItem {
  readonly name?: string | undefined;
  /** "exclusive": choosing it clears the others, with the script. */
  readonly behaviour?: string | undefined;
}

export interface CheckboxesOptions extends ChoicesOptions {
  readonly items: readonly Maybe<CheckboxItem>[];
  readonly values?: readonly string[] | undefined;
  readonly describedBy?: string | undefined;
  readonly fieldset?: FieldsetOptions | undefined;
}

export function checkboxes(options: CheckboxesOptions): Html {
  const idPrefix = options.idPrefix || options.name || "";
  const describedBy = options.fieldset?.describedBy || options.describedBy;
  const parts = fieldParts(idPrefix, { ...options, label: undefined, describedBy });
  const shared = options.fieldset ? undefined : parts.describedBy;
  const items = (options.items ?? []).map(
    (item, index) => isPresent(item) && checkbox({ options, idPrefix, item, index, shared }),
  );
  const own = attributes({
    class: classNames("govuk-checkboxes", options.classes),
    ...options.attributes,
    "data-module": "govuk-checkboxes",
  });
  const { beforeInputs, afterInputs } = options.formGroup ?? {};
  const inner = html`${parts.before}<div${own}>${beforeInputs}${items}${afterInputs}</div>`;
  return formGroup(
    options,
    options.fieldset ? fieldset({ ...options.fieldset, describedBy: parts.describedBy, text: inner }) : inner,
  );
}

interface CheckboxPlace {
  readonly options: CheckboxesOptions;
  readonly idPrefix: string;
  readonly item: CheckboxItem;
  readonly index: number;
  /** What describes the whole group, said at each box when no fieldset says it. */
  readonly shared: string | undefined;
}

function checkbox({ options, idPrefix, item, index, shared }: CheckboxPlace): Html {
  const id = item.id || (index > 0 ? `${idPrefix}-${index + 1}` : idPrefix);
  const listed = (options.values ?? []).includes(item.value as string) && item.checked !== false;
  return choiceItem({
    kind: "checkboxes",
    item,
    id,
    name: item.name || options.name,
    checked: item.checked || listed,
    describedBy: classNames(shared, item.hint?.text && `${id}-item-hint`) || undefined,
    behaviour: item.behaviour,
  });
}
