import type { Example } from "#ui/components/example";
import { languageSwitch } from "#ui/components/language-switch/language-switch";

export const examples: readonly Example[] = [
  { name: "default", render: (language) => languageSwitch({ language, href: "#" }) },
];
