import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { formSteps } from "#ui/components/form-steps/form-steps";

export const examples: readonly Example[] = [
  {
    name: "third of five",
    render: (language) =>
      formSteps({
        language,
        steps: [
          { title: text("资格", "Eligibility")[language], state: "done", href: "#" },
          { title: text("经营者", "Owner")[language], state: "done", href: "#" },
          { title: text("经营场所", "Premises")[language], state: "now" },
          { title: text("材料", "Documents")[language], state: "ahead" },
          { title: text("核对并签名", "Review and sign")[language], state: "ahead" },
        ],
      }),
  },
];
