import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { identityChoice } from "#ui/components/identity-choice/identity-choice";

export const examples: readonly Example[] = [
  {
    name: "two",
    render: (language) =>
      identityChoice({
        action: "#",
        name: "identity",
        token: html`<input type="hidden" name="token" value="x">`,
        identities: [
          { value: "self", name: "堃某某", role: text("为自己办理", "For yourself")[language] },
          {
            value: "shop",
            name: "翠竹小吃店",
            role: text(
              "您是它的经营者（法人库，今日查询）",
              "You are its owner (register of organizations, asked today)",
            )[language],
          },
        ],
      }),
  },
];
