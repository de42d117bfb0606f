import { text } from "#lib/language/text";
import { characterCount } from "#ui/components/character-count/character-count";
import type { Example } from "#ui/components/example";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      characterCount({
        language,
        id: "note",
        name: "note",
        maxlength: 500,
        label: text("补充说明", "Explanation")[language],
      }),
  },
];
