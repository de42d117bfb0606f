import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { panel } from "#ui/components/panel/panel";

export const examples: readonly Example[] = [
  {
    name: "received",
    render: (language) =>
      panel({
        headingLevel: 2,
        title: text("已收到您的申请", "We have received your application")[language],
        text: text(
          "办件 QY-2026-004217。我们在 5 个工作日内决定是否受理。",
          "Case QY-2026-004217. Within 5 working days we decide whether to accept it.",
        )[language],
      }),
  },
];
