import { html } from "#lib/html/html";
import type { Example } from "#ui/components/example";
import { time } from "#ui/components/time/time";

export const examples: readonly Example[] = [
  {
    name: "date and instant",
    render: (language) =>
      html`<p>${time(Temporal.PlainDate.from("2026-12-03"), language, { year: true })} · ${time(Temporal.Instant.from("2026-11-18T02:21:00Z"), language)}</p>`,
  },
];
