import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { phaseBanner } from "#ui/components/phase-banner/phase-banner";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      phaseBanner({
        tag: { text: text("演示", "Demonstration")[language] },
        text: text("所有数据均为虚构。", "All data is invented.")[language],
      }),
  },
];
