import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { summaryList } from "#ui/components/summary-list/summary-list";

export const examples: readonly Example[] = [
  {
    name: "with actions",
    render: (language) =>
      summaryList({
        rows: [
          {
            key: { text: text("法定时限", "Limit by law")[language] },
            value: { text: text("10 个工作日", "10 working days")[language] },
          },
          {
            key: { text: text("收费", "Fee")[language] },
            value: { text: text("不收费", "None")[language] },
            actions: {
              items: [
                {
                  href: "#",
                  text: text("依据", "Basis")[language],
                  visuallyHiddenText: text("收费", "of the fee")[language],
                },
              ],
            },
          },
        ],
      }),
  },
];
