/** The two languages that every title, refusal and page has. Chinese first, because the law is. */
export type Language = "zh" | "en";

export const LANGUAGES: readonly Language[] = ["zh", "en"];

/** One text in both languages. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

/** Writes a text in both languages: `text("受理", "Acceptance")`. */
export function text(zh: string, en: string): Text {
  return Object.freeze({ zh, en });
}

/** Whether a value came from `text` or has its shape. */
export function isText(value: unknown): value is Text {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<Text>).zh === "string" &&
    typeof (value as Partial<Text>).en === "string"
  );
}

/**
 * Replaces `{name}` in both languages. A name without a value stays as it is written, so that a missing value shows.
 * @param values what the names stand for, already formatted
 */
export function fill(template: Text, values: Readonly<Record<string, string | number>>): Text {
  return text(fillOne(template.zh, values), fillOne(template.en, values));
}

function fillOne(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value);
  });
}
