import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { fileUpload } from "#ui/components/file-upload/file-upload";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      fileUpload({
        language,
        id: "plan",
        name: "plan",
        label: text("平面布局图", "Floor plan")[language],
        hint: text("PDF、JPEG 或 PNG，不超过 10 MB", "PDF, JPEG or PNG, at most 10 MB")[language],
      }),
  },
];
