import { text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import type { Example } from "#ui/components/example";

export const examples: readonly Example[] = [
  {
    name: "no cases",
    render: (language) =>
      emptyState({
        title: text("您还没有办件", "You have no cases yet")[language],
        text: text("提交申请后，可以在这里看到进度和时限。", "Once you apply, progress and deadlines show here.")[
          language
        ],
        action: { href: "#", text: text("找要办的事", "Find a service")[language] },
      }),
  },
];
