import { text } from "#lib/language/text";
import { errorSummary } from "#ui/components/error-summary/error-summary";
import type { Example } from "#ui/components/example";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      errorSummary({
        title: text("请更正 2 处问题", "There are 2 problems")[language],
        errorList: [
          { href: "#mobile", text: text("请填写 11 位手机号码", "Enter a mobile number of 11 digits")[language] },
          { href: "#decision", text: text("请选择一项决定", "Choose a decision")[language] },
        ],
        disableAutoFocus: true,
      }),
  },
];
