import { text } from "#lib/language/text";
import { breadcrumbs } from "#ui/components/breadcrumbs/breadcrumbs";
import type { Example } from "#ui/components/example";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      breadcrumbs({
        language,
        labelText: text("当前位置（示例）", "Breadcrumb (example)")[language],
        items: [
          { href: "#", text: text("我的", "My account")[language] },
          { href: "#", text: text("办件", "Cases")[language] },
          { text: "QY-2026-004217" },
        ],
      }),
  },
];
