import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { hero } from "#ui/components/hero/hero";
import { searchBox } from "#ui/components/search-box/search-box";

export const examples: readonly Example[] = [
  {
    name: "home",
    wide: true,
    render: (language) =>
      hero({
        title: text("想办什么事？", "What do you need to do?")[language],
        search: searchBox({
          language,
          action: "#",
          id: "search-2",
          label: text("搜索事项", "Search services")[language],
          placeholder: text("例如：开小吃店", "For example: open a snack shop")[language],
        }),
        often: {
          label: text("常办：", "Often needed:")[language],
          links: [
            { href: "#", text: text("食品经营许可", "Food business licence")[language] },
            { href: "#", text: text("个体工商户登记", "Register a business")[language] },
            { href: "#", text: text("核验证照", "Verify a licence")[language] },
          ],
        },
      }),
  },
];
