import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { tabs } from "#ui/components/tabs/tabs";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      tabs({
        language,
        items: [
          {
            id: "now",
            label: text("现行", "Current")[language],
            panel: { text: html`<p>${text("营业执照状态：存续", "Business licence: in force")[language]}</p>` },
          },
          {
            id: "past",
            label: text("历史", "Past")[language],
            panel: { text: html`<p>${text("没有更早的记录", "Nothing earlier")[language]}</p>` },
          },
        ],
      }),
  },
];
