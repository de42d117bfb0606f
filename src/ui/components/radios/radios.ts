import { attributes, classNames, type Html, html } from "#lib/html/html";
import { type ChoiceItem, choiceItem } from "#ui/components/choice/choice";
import { type FieldsetOptions, fieldset } from "#ui/components/fieldset/fieldset";
import { type ChoicesOptions, fieldParts, formGroup } from "#ui/components/form-group/form-group";
import { isPresent, type Maybe } from "#ui/components/options";

export interface RadiosOptions extends ChoicesOptions {
  readonly items: readonly Maybe<ChoiceItem>[];
  readonly value?: string | number | null | undefined;
  readonly fieldset?: FieldsetOptions | undefined;
}

export function radios(options: RadiosOptions): Html {
  const idPrefix = options.idPrefix || options.name || "";
  const parts = fieldParts(idPrefix, { ...options, label: undefined, describedBy: options.fieldset?.describedBy });
  const items = (options.items ?? []).map(
    (item, index) => isPresent(item) && radio({ options, idPrefix, item, index }),
  );
  const own = attributes({
    class: classNames("govuk-radios", options.classes),
    ...options.attributes,
    "data-module": "govuk-radios",
  });
  const { beforeInputs, afterInputs } = options.formGroup ?? {};
  const inner = html`${parts.before}<div${own}>${beforeInputs}${items}${afterInputs}</div>`;
  return formGroup(
    options,
    options.fieldset ? fieldset({ ...options.fieldset, describedBy: parts.describedBy, text: inner }) : inner,
  );
}

interface RadioPlace {
  readonly options: RadiosOptions;
  readonly idPrefix: string;
  readonly item: ChoiceItem;
  readonly index: number;
}

function radio({ options, idPrefix, item, index }: RadioPlace): Html {
  const matches = Boolean(options.value) && String(item.value) === String(options.value) && item.checked !== false;
  const id = item.id || (index > 0 ? `${idPrefix}-${index + 1}` : idPrefix);
  return choiceItem({
    kind: "radios",
    item,
    id,
    name: options.name,
    checked: item.checked || matches,
    describedBy: item.hint?.text ? `${id}-item-hint` : undefined,
  });
}
