import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { insetText } from "#ui/components/inset-text/inset-text";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      insetText({
        text: text("已收到申请，但这还不是受理。", "We have received your application; this is not yet acceptance.")[
          language
        ],
      }),
  },
];
