import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { warningText } from "#ui/components/warning-text/warning-text";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      warningText({
        language,
        text: text(
          "提供虚假材料的，一年内不得再次申请。",
          "Whoever gives false material may not apply again for one year.",
        )[language],
      }),
  },
];
