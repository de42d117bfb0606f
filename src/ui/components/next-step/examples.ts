import { text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import type { Example } from "#ui/components/example";
import { nextStep } from "#ui/components/next-step/next-step";

export const examples: readonly Example[] = [
  {
    name: "wait",
    render: (language) =>
      nextStep({
        language,
        kind: "wait",
        title: text("等待作出决定", "Wait for the decision")[language],
        text: text(
          "您现在不需要做任何事。决定作出后，我们立即发消息给您。",
          "There is nothing for you to do now. We send you a message as soon as it is decided.",
        )[language],
      }),
  },
  {
    name: "act",
    render: (language) =>
      nextStep({
        language,
        kind: "act",
        title: text("请在 11 月 30 日前补正 2 份材料", "Supplement 2 documents by 30 November")[language],
        text: text(
          "逾期没有正当理由不补正的，视为放弃申请。",
          "If you do not, without good reason, the application counts as abandoned.",
        )[language],
        actions: button({ text: text("去补正", "Supplement")[language], href: "#" }),
      }),
  },
];
