import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { receipt } from "#ui/components/receipt/receipt";

export const examples: readonly Example[] = [
  {
    name: "case",
    render: (language) =>
      pageHeading({
        title: text("食品经营许可（餐饮服务）", "Food business licence (catering)")[language],
        tag: { text: text("审查中", "Under examination")[language] },
        meta: html`<span>${text("办件", "Case")[language]} QY-2026-004217</span><span>${text("清源县市场监督管理局（演示）", "Qingyuan Market Regulator (demonstration)")[language]}</span><span>翠竹小吃店</span>${receipt({ language, index: 18204, href: "#" })}`,
      }),
  },
];
