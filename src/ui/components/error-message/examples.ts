import { text } from "#lib/language/text";
import { errorMessage } from "#ui/components/error-message/error-message";
import type { Example } from "#ui/components/example";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      errorMessage({ language, text: text("请填写经营者姓名", "Enter the owner's name")[language] }),
  },
];
