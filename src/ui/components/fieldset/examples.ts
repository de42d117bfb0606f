import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { fieldset } from "#ui/components/fieldset/fieldset";
import { input } from "#ui/components/input/input";

export const examples: readonly Example[] = [
  {
    name: "with fields",
    render: (language) =>
      fieldset({
        legend: { text: text("经营场所", "Premises")[language], classes: "govuk-fieldset__legend--m" },
        text: html`${input({ id: "street", name: "street", label: text("街道和门牌", "Street and number")[language] })}`,
      }),
  },
];
