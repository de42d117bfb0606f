import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { fileList } from "#ui/components/file-list/file-list";

export const examples: readonly Example[] = [
  {
    name: "two files",
    render: (language) =>
      fileList(
        [
          { href: "#", name: text("布局图.pdf", "plan.pdf")[language], type: "PDF", sizeBytes: 213_700 },
          {
            href: "#",
            name: text("租赁合同.jpg", "lease.jpg")[language],
            type: "JPEG",
            sizeBytes: 1_520_000,
            note: text("已通过安全检查", "Safety check passed")[language],
          },
        ],
        language,
      ),
  },
  { name: "none", render: (language) => fileList([], language) },
];
