import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { tag } from "#ui/components/tag/tag";

export const examples: readonly Example[] = [
  {
    name: "all",
    render: (language) =>
      html`<div class="zt-actions">${tag({ text: text("审查中", "Under examination")[language] })}${tag({ text: text("待补正", "To be supplemented")[language], classes: "zt-tag--wait" })}${tag({ text: text("不予许可", "Refused")[language], classes: "zt-tag--bad" })}${tag({ text: text("已归档", "Archived")[language], classes: "zt-tag--quiet" })}</div>`,
  },
];
