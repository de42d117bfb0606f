import { SHARING_KINDS } from "#infrastructure/catalogue";
import { type FormFields, fieldOf } from "#kernel/http/page";
import type { Html } from "#lib/html/html";
import { html } from "#lib/html/html";
import { type Language, type Text, text } from "#lib/language/text";
import { input } from "#ui/components/input/input";
import { select } from "#ui/components/select/select";
import { recordTable } from "../table.ts";

/** How each attribute of a resource is shared, as a table to fill in: a kind, and its condition or the law. */

export interface Named {
  readonly name: string;
  readonly title: Text;
}

/** As an entry has it. */
export type Shared =
  | { readonly name: string; readonly sharing: "unconditional" }
  | { readonly name: string; readonly sharing: "conditional"; readonly condition: string }
  | {
      readonly name: string;
      readonly sharing: "none";
      readonly law: { readonly law: string; readonly article: string };
    };

/** What was typed of one attribute. */
interface Typed {
  readonly sharing: string;
  readonly basis: string;
  readonly article: string;
}

const HEAD = [
  text("信息项", "Attribute"),
  text("共享类型", "Sharing"),
  text("共享条件，或不予共享的法律", "Condition, or the law by which it is not shared"),
  text("条款（不予共享）", "Article (not shared)"),
];
const TITLE = text("信息项的共享类型", "How each attribute is shared");
const BASIS_LENGTH_MAX = 1_000;
const ARTICLE_LENGTH_MAX = 200;

const controlOf = (part: keyof Typed, at: number) => `${part}-${at}`;

/** What the form sends of each attribute, in its order. */
export function typedAttributes(attributes: readonly Named[], fields: FormFields): readonly Typed[] {
  const one = (part: keyof Typed, at: number) => fieldOf(fields, controlOf(part, at)).trim();
  return attributes.map((_, at) => ({
    sharing: one("sharing", at),
    basis: one("basis", at),
    article: one("article", at),
  }));
}

/** The same of an edition that there is; of a new one, nothing is chosen. */
export function shownAttributes(attributes: readonly Named[], given: readonly Shared[]): readonly Typed[] {
  const known = new Map(given.map((one) => [one.name, one]));
  return attributes.map(({ name }) => {
    const one = known.get(name);
    if (one === undefined) return { sharing: "", basis: "", article: "" };
    if (one.sharing === "none") return { sharing: one.sharing, basis: one.law.law, article: one.law.article };
    return { sharing: one.sharing, basis: one.sharing === "conditional" ? one.condition : "", article: "" };
  });
}

/** What was typed, as the operation takes it; its schema says what is missing. */
export function attributesOf(attributes: readonly Named[], typed: readonly Typed[]): readonly object[] {
  return attributes.map(({ name }, at) => {
    const { sharing = "", basis = "", article = "" } = typed[at] ?? {};
    if (sharing === "conditional") return { name, sharing, condition: basis };
    if (sharing === "none") return { name, sharing, law: { law: basis, article } };
    return { name, sharing };
  });
}

export function attributesTable(attributes: readonly Named[], typed: readonly Typed[], language: Language): Html {
  const kinds = Object.entries(SHARING_KINDS).map(([value, title]) => ({ value, text: title[language] }));
  const line = (part: "basis" | "article", at: number, name: string, maxlength: number) =>
    input({
      language,
      name: controlOf(part, at),
      label: {
        text: `${name}: ${(part === "basis" ? HEAD[2] : HEAD[3])?.[language]}`,
        classes: "govuk-visually-hidden",
      },
      value: typed[at]?.[part],
      attributes: { maxlength },
    });
  return html`<h2>${TITLE[language]}</h2>${recordTable({
    caption: TITLE[language],
    head: HEAD.map((name) => name[language]),
    rows: attributes.map(({ name, title }, at) => {
      const called = title[language];
      return [
        called === name ? html`<code>${name}</code>` : html`${called} <code>${name}</code>`,
        select({
          language,
          name: controlOf("sharing", at),
          label: { text: `${called}: ${HEAD[1]?.[language]}`, classes: "govuk-visually-hidden" },
          items: [{ value: "", text: "—" }, ...kinds],
          value: typed[at]?.sharing,
        }),
        line("basis", at, called, BASIS_LENGTH_MAX),
        line("article", at, called, ARTICLE_LENGTH_MAX),
      ];
    }),
  })}`;
}
