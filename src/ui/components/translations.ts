/** Messages by plural rule (CLDR): `{ one, other }`. */
export type Translations = Readonly<Record<string, string | undefined>>;

/** The `data-i18n.*` attributes from which govuk-frontend's script reads its words. */
export function translations(key: string, messages: string | Translations | undefined): Record<string, string> {
  if (!messages) return {};
  if (typeof messages === "string") return { [`data-i18n.${key}`]: messages };
  const entries: Record<string, string> = {};
  for (const [rule, message] of Object.entries(messages)) {
    if (message !== undefined) entries[`data-i18n.${key}.${rule}`] = message;
  }
  return entries;
}
