import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { pagination } from "#ui/components/pagination/pagination";

export const examples: readonly Example[] = [
  {
    name: "pages",
    render: (language) =>
      pagination({
        language,
        landmarkLabel: text("分页（示例 1）", "Pages (example 1)")[language],
        previous: { href: "#" },
        next: { href: "#" },
        items: [
          { number: 1, href: "#" },
          { number: 2, href: "#", current: true },
          { ellipsis: true },
          { number: 12, href: "#" },
        ],
      }),
  },
  {
    name: "previous and next",
    render: (language) =>
      pagination({
        language,
        landmarkLabel: text("分页（示例 2）", "Pages (example 2)")[language],
        next: { href: "#", labelText: text("现场核查", "Site check")[language] },
      }),
  },
];
