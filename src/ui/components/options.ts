import type { Attributes, Html } from "#lib/html/html";
import type { Language, Text } from "#lib/language/text";

/** Text that is escaped, or markup that was made with `html`. */
export type Content = string | Html;

/** What every component's root element accepts. */
export interface Styled {
  readonly classes?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface Described extends Styled {
  readonly text: Content;
}

/** An item of a list that may be left out in place: `isOwner && { … }`. */
export type Maybe<Item> = Item | null | undefined | false | "";

/** The language of a component's own words. English is what govuk-frontend's templates say by default. */
export interface Spoken {
  readonly language?: Language | undefined;
}

/** Short form: `hint: "…"` instead of `hint: { text: "…" }`. */
export function described<Options extends Described>(options: Content | Options): Options | Described {
  return typeof options === "string" || "kind" in options ? { text: options } : options;
}

export function say(words: Text, language: Language | undefined): string {
  return words[language ?? "en"];
}

export function isPresent<Item>(item: Maybe<Item>): item is Item {
  return item !== null && item !== undefined && item !== false && item !== "";
}
