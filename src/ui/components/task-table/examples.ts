import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { taskTable } from "#ui/components/task-table/task-table";

const on = (iso: string) => Temporal.PlainDate.from(iso);

export const examples: readonly Example[] = [
  {
    name: "my tasks",
    render: (language) =>
      taskTable({
        language,
        caption: text("我的待办", "My tasks")[language],
        rows: [
          {
            href: "#",
            number: "QY-2026-004188",
            item: text("食品经营许可", "Food business licence")[language],
            applicant: "老灶面馆",
            step: text("审查", "Examination")[language],
            deadline: { on: on("2026-11-20"), daysLeft: -1 },
            hint: text("已通知科长", "Head of section told")[language],
          },
          {
            href: "#",
            number: "QY-2026-004217",
            item: text("食品经营许可", "Food business licence")[language],
            applicant: "翠竹小吃店",
            step: text("审查", "Examination")[language],
            deadline: { on: on("2026-11-23"), daysLeft: 0 },
            hint: text("核查记录齐全，3 项数据一致", "Site record complete, 3 facts agree")[language],
          },
          {
            href: "#",
            number: "QY-2026-004230",
            item: text("食品经营许可变更", "Change of a licence")[language],
            applicant: "湖畔餐饮有限公司",
            step: text("受理", "Acceptance")[language],
            deadline: { on: on("2026-11-27"), daysLeft: 4 },
            hint: text("营业执照状态：存续", "Business licence in force")[language],
          },
          {
            href: "#",
            number: "QY-2026-004102",
            item: text("食品经营许可", "Food business licence")[language],
            applicant: "昇𣲗酒家",
            step: text("听证", "Hearing")[language],
            deadline: { on: on("2026-12-09"), daysLeft: 8, paused: true },
          },
        ],
      }),
  },
];
