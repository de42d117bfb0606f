import { text } from "#lib/language/text";
import { dateInput } from "#ui/components/date-input/date-input";
import type { Example } from "#ui/components/example";

const parts = { year: text("年", "Year"), month: text("月", "Month"), day: text("日", "Day") } as const;
const ordered = { zh: ["year", "month", "day"], en: ["day", "month", "year"] } as const;
const values = { year: "2026", month: "2", day: "30" } as const;

export const examples: readonly Example[] = [
  {
    name: "with error",
    render: (language) =>
      dateInput({
        language,
        id: "from",
        namePrefix: "from",
        fieldset: { legend: { text: text("租赁期从哪天开始？", "When does the lease begin?")[language] } },
        hint: text("例如 2026 年 11 月 18 日", "For example, 18 11 2026")[language],
        errorMessage: text("日期必须是真实存在的日子", "The date must be a real day")[language],
        items: ordered[language].map((name) => ({ name, label: parts[name][language], value: values[name] })),
      }),
  },
];
