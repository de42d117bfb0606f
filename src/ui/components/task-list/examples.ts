import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { taskList } from "#ui/components/task-list/task-list";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      taskList({
        items: [
          {
            href: "#",
            title: { text: text("经营者", "Owner")[language] },
            status: { text: text("已完成", "Completed")[language] },
          },
          {
            href: "#",
            title: { text: text("经营场所", "Premises")[language] },
            hint: { text: text("需要平面布局图", "You need the floor plan")[language] },
            status: { tag: { text: text("未填写", "Not yet started")[language], classes: "zt-tag--wait" } },
          },
        ],
      }),
  },
];
