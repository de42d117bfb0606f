import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { numbers } from "#ui/components/numbers/numbers";

export const examples: readonly Example[] = [
  {
    name: "strip",
    render: (language) =>
      numbers([
        { value: "312", text: text("个事项可全程网办", "services complete on line")[language] },
        {
          value: text("3.2 天", "3.2 days")[language],
          text: text("本月平均办结（法定 20 天）", "on average this month (20 by law)")[language],
        },
        { value: "0", text: text("要求提交政府已有的材料", "documents asked for that government has")[language] },
        { value: "98.7%", text: text("好评率，差评全部回访", "satisfied; every bad rating is followed up")[language] },
      ]),
  },
];
