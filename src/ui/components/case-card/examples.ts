import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { caseCard } from "#ui/components/case-card/case-card";
import type { Example } from "#ui/components/example";

export const examples: readonly Example[] = [
  {
    name: "two cases",
    render: (language) =>
      html`${caseCard({
        href: "#",
        title: text("食品经营许可变更", "Change of a food business licence")[language],
        status: { text: text("待补正", "To be supplemented")[language], classes: "zt-tag--wait" },
        next: text("请在 11 月 30 日前补正 2 份材料", "Supplement 2 documents by 30 November")[language],
        meta: text("QY-2026-004230 · 翠竹小吃店", "QY-2026-004230 · Green Bamboo snack shop")[language],
        needsYou: true,
      })}${caseCard({
        href: "#",
        title: text("食品经营许可（餐饮服务）", "Food business licence (catering)")[language],
        status: { text: text("审查中", "Under examination")[language] },
        next: text("最迟 12 月 3 日作出决定", "Decision by 3 December at the latest")[language],
        meta: text("QY-2026-004217 · 翠竹小吃店", "QY-2026-004217 · Green Bamboo snack shop")[language],
      })}`,
  },
];
