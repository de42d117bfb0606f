import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { hint } from "#ui/components/hint/hint";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) => hint({ text: text("与身份证件一致", "As on the identity document")[language] }),
  },
];
