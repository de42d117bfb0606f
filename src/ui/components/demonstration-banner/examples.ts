import { demonstrationBanner } from "#ui/components/demonstration-banner/demonstration-banner";
import type { Example } from "#ui/components/example";

export const examples: readonly Example[] = [{ name: "default", wide: true, render: demonstrationBanner }];
