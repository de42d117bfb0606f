import { text } from "#lib/language/text";
import { details } from "#ui/components/details/details";
import type { Example } from "#ui/components/example";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      details({
        summary: text("什么是一次性告知？", "What is the one-time list?")[language],
        text: text(
          "受理机关应当在 5 个工作日内，一次告诉您还缺的全部材料。",
          "Within 5 working days the authority tells you, once, everything that is missing.",
        )[language],
      }),
  },
];
