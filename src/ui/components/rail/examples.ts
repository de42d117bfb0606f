import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { rail } from "#ui/components/rail/rail";

export const examples: readonly Example[] = [
  {
    name: "under examination",
    render: (language) =>
      rail({
        language,
        steps: [
          {
            state: "done",
            title: text("提交申请", "Application")[language],
            when: text("11 月 18 日 10:21，您签名提交", "18 November, 10:21, signed by you")[language],
          },
          {
            state: "done",
            title: text("受理", "Acceptance")[language],
            when: text("11 月 18 日 14:05", "18 November, 14:05")[language],
            who: text("受理岗", "Acceptance post")[language],
            more: html`<a href="#">${text("受理通知书", "Notice of acceptance")[language]}</a>`,
          },
          {
            state: "done",
            title: text("现场核查", "Site check")[language],
            when: text("11 月 20 日", "20 November")[language],
            who: text("两名核查人员", "Two inspectors")[language],
          },
          {
            state: "now",
            title: text("审查", "Examination")[language],
            who: text("现在由审查岗办理", "Now with the examiner")[language],
            when: text("今日内应完成", "Due today")[language],
          },
          {
            state: "ahead",
            title: text("决定", "Decision")[language],
            who: text("由另一名负责人作出", "By another official")[language],
          },
          {
            state: "ahead",
            title: text("送达", "Delivery")[language],
            when: text("决定后 5 个工作日内", "Within 5 working days of the decision")[language],
          },
        ],
      }),
  },
  {
    name: "withdrawn",
    render: (language) =>
      rail({
        language,
        label: text("已撤回的办件", "A withdrawn case")[language],
        steps: [
          { state: "done", title: text("提交申请", "Application")[language] },
          {
            state: "stopped",
            title: text("您撤回了申请", "You withdrew the application")[language],
            when: text("11 月 19 日", "19 November")[language],
          },
        ],
      }),
  },
];
