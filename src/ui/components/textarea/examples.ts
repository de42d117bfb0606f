import { text } from "#lib/language/text";
import type { Example } from "#ui/components/example";
import { textarea } from "#ui/components/textarea/textarea";

export const examples: readonly Example[] = [
  {
    name: "default",
    render: (language) =>
      textarea({
        language,
        id: "reasons",
        name: "reasons",
        label: text("理由", "Reasons")[language],
        hint: text("写明事实、依据和结论", "State facts, basis and conclusion")[language],
      }),
  },
];
