import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { searchBox } from "#ui/components/search-box/search-box";

export const examples: readonly Example[] = [
  {
    name: "with a question",
    render: (language) =>
      searchBox({
        language,
        action: "#",
        id: "search-1",
        label: text("搜索事项", "Search services")[language],
        value: text("开小吃店", "open a snack shop")[language],
      }),
  },
];
