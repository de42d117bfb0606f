import { backLink } from "#ui/components/back-link/back-link";
import type { Example } from "#ui/components/example";

export const examples: readonly Example[] = [
  { name: "default", render: (language) => backLink({ language, href: "#" }) },
];
