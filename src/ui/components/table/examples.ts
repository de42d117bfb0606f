import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { table } from "#ui/components/table/table";

export const examples: readonly Example[] = [
  {
    name: "with numbers",
    render: (language) =>
      table({
        caption: text("本月办件", "Cases this month")[language],
        firstCellIsHeader: true,
        head: [
          { text: text("事项", "Item")[language] },
          { text: text("受理", "Accepted")[language], format: "numeric" },
          { text: text("办结", "Closed")[language], format: "numeric" },
        ],
        rows: [
          [
            { text: text("食品经营许可", "Food business licence")[language] },
            { text: "128", format: "numeric" },
            { text: "117", format: "numeric" },
          ],
          [
            { text: text("食品经营许可变更", "Change of a licence")[language] },
            { text: "31", format: "numeric" },
            { text: "31", format: "numeric" },
          ],
        ],
      }),
  },
];
