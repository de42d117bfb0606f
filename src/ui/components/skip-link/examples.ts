import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { skipLink } from "#ui/components/skip-link/skip-link";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) => skipLink({ href: "#main", text: text("跳到正文（示例）", "Skip (example)")[language] }),
  },
];
