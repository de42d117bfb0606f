import { text } from "#lib/language/text";
import { checkboxes } from "#ui/components/checkboxes/checkboxes";
import type { Example } from "#ui/components/example";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      checkboxes({
        language,
        idPrefix: "kinds",
        name: "kinds",
        fieldset: { legend: { text: text("食品类别", "Kinds of food")[language] } },
        hint: text("可多选", "Choose all that apply")[language],
        items: [
          { value: "hot", text: text("热食类食品制售", "Hot food")[language] },
          { value: "cold", text: text("冷食类食品制售", "Cold food")[language] },
          { value: "drink", text: text("自制饮品制售", "Drinks made on the spot")[language] },
        ],
        values: ["hot"],
      }),
  },
];
