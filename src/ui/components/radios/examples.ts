import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { radios } from "#ui/components/radios/radios";

export const examples: readonly Example[] = [
  {
    name: "with hints",
    render: (language) =>
      radios({
        language,
        idPrefix: "business",
        name: "business",
        fieldset: { legend: { text: text("经营项目", "What will you do?")[language] } },
        items: [
          {
            value: "2",
            text: text("餐饮服务", "Catering")[language],
            hint: { text: text("现场制作并提供食品", "Food made and served on the premises")[language] },
          },
          {
            value: "1",
            text: text("食品销售", "Sale of food")[language],
            hint: {
              text: text("只销售预包装食品的，备案即可", "If all of it is prepackaged, a filing is enough")[language],
            },
          },
        ],
        value: "2",
      }),
  },
  {
    name: "with error",
    render: (language) =>
      radios({
        language,
        idPrefix: "decision",
        name: "decision",
        fieldset: { legend: { text: text("决定", "Decision")[language], classes: "govuk-fieldset__legend--m" } },
        errorMessage: text("请选择一项决定", "Choose a decision")[language],
        items: [
          { value: "grant", text: text("准予许可", "Grant")[language] },
          { value: "refuse", text: text("不予许可", "Refuse")[language] },
        ],
      }),
  },
];
