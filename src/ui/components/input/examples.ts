import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { input } from "#ui/components/input/input";

export const examples: readonly Example[] = [
  {
    name: "with hint",
    render: (language) =>
      input({
        language,
        id: "shop",
        name: "shop",
        label: text("店铺名称", "Name of the shop")[language],
        hint: text("与营业执照上的名称一致", "As on the business licence")[language],
        value: "翠竹小吃店",
      }),
  },
  {
    name: "with error",
    render: (language) =>
      input({
        language,
        id: "mobile",
        name: "mobile",
        label: text("手机号码", "Mobile number")[language],
        errorMessage: text("请填写 11 位手机号码", "Enter a mobile number of 11 digits")[language],
        value: "1990000",
        classes: "govuk-input--width-20",
        inputmode: "numeric",
      }),
  },
  {
    name: "with suffix",
    render: (language) =>
      input({
        language,
        id: "area",
        name: "area",
        label: text("经营面积", "Area")[language],
        suffix: { text: text("平方米", "m²")[language] },
        classes: "govuk-input--width-5",
        inputmode: "decimal",
      }),
  },
];
