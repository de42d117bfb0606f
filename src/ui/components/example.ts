import type { Html } from "#lib/html/html";
import type { Language } from "#lib/language/text";

/** A component with parameters, shown on the review page and checked in a browser in both languages. */
export interface Example {
  readonly name: string;
  /** Whether the example takes the whole width of the window, as a header does. */
  readonly wide?: boolean;
  readonly render: (language: Language) => Html;
}
