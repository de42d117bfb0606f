import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { passwordInput } from "#ui/components/password-input/password-input";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      passwordInput({ language, id: "password", name: "password", label: text("密码", "Password")[language] }),
  },
];
