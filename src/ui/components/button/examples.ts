import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import type { Example } from "#ui/components/example";

export const examples: readonly Example[] = [
  { name: "default", render: (language) => button({ text: text("签名并提交", "Sign and submit")[language] }) },
  {
    name: "group",
    render: (language) =>
      html`<div class="zt-actions">${button({ text: text("补充说明", "Add an explanation")[language], href: "#" })}${button({ text: text("撤回申请", "Withdraw")[language], href: "#", classes: "govuk-button--secondary" })}${button({ text: text("不予许可", "Refuse")[language], classes: "govuk-button--warning" })}</div>`,
  },
  { name: "disabled", render: (language) => button({ text: text("已提交", "Submitted")[language], disabled: true }) },
];
