import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { receipt } from "#ui/components/receipt/receipt";
import { timeline } from "#ui/components/timeline/timeline";

const at = (iso: string) => Temporal.Instant.from(iso);

export const examples: readonly Example[] = [
  {
    name: "history",
    render: (language) =>
      timeline({
        language,
        events: [
          {
            at: at("2026-11-20T07:40:00Z"),
            title: text("现场核查：合格", "Site check: passed")[language],
            who: text("核查岗 周某、吴某", "Inspectors Zhou and Wu")[language],
            more: receipt({ language, index: 18228, href: "#" }),
          },
          {
            at: at("2026-11-18T06:05:00Z"),
            title: text("受理", "Accepted")[language],
            who: text("受理岗 李某", "Acceptance post, Li")[language],
            text: text("材料齐全，符合法定形式。", "Complete and in due form.")[language],
          },
        ],
      }),
  },
];
