import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { select } from "#ui/components/select/select";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      select({
        language,
        id: "town",
        name: "town",
        label: text("乡镇（街道）", "Town")[language],
        items: [
          { value: "1", text: text("城关镇", "Chengguan")[language] },
          { value: "2", text: text("湖畔镇", "Hupan")[language] },
        ],
        value: "1",
      }),
  },
];
