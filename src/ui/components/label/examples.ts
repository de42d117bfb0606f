import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { label } from "#ui/components/label/label";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      html`${label({ for: "named", text: text("姓名", "Name")[language] })}<input class="govuk-input" id="named" name="named">`,
  },
];
