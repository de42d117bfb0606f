/**
 * HTML that cannot be broken out of.
 *
 * The tagged template `html` knows where each interpolation stands (text, attribute value, inside a tag) and escapes for
 * that place. It refuses, when the template is first used, what cannot be made safe: an unquoted attribute value, a value
 * inside `<script>`, `<style>` or a comment. What it returns is branded, so that only what was made here is not escaped again.
 */

type Kind = "content" | "attributes";

class Markup {
  readonly kind: Kind;
  readonly #markup: string;

  constructor(kind: Kind, markup: string) {
    this.kind = kind;
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** Markup that is safe as element content. */
export type Html = Markup & { readonly kind: "content" };

/** A list of attributes, each with a leading space, safe inside a tag. */
export type AttributeList = Markup & { readonly kind: "attributes" };

/** What may stand in an interpolation. `null`, `undefined` and booleans render nothing; arrays are joined. */
export type Renderable =
  | Html
  | AttributeList
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly Renderable[];

/** `true` writes the bare name; `false`, `null` and `undefined` leave the attribute out. */
export type AttributeValue = string | number | boolean | null | undefined;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Where an interpolation stands. */
type Place = "text" | "tag" | "value" | "url";

const PLACES = new WeakMap<TemplateStringsArray, readonly Place[]>();
const URL_ATTRIBUTES: ReadonlySet<string> = new Set(["href", "src", "action", "formaction", "poster", "cite", "data"]);
const ATTRIBUTE_NAME = /^[A-Za-z_][\w.:-]*$/;
const RAW_TEXT_TAG = /^<(script|style|iframe|noscript|xmp|plaintext)\b/i;
const SPECIAL = /[&<>"'`]/;
const EVENT_HANDLER = /^on/i;

/** Nothing at all. */
export const NOTHING: Html = content("");

/** Writes HTML; every interpolation is escaped for its place unless it is `Html` itself. */
export function html(strings: TemplateStringsArray, ...values: readonly Renderable[]): Html {
  let places = PLACES.get(strings);
  if (places === undefined) {
    places = placesOf(strings);
    PLACES.set(strings, places);
  }
  let out = strings[0] as string;
  for (let index = 0; index < values.length; index += 1) {
    out += renderAt(places[index] as Place, values[index]) + (strings[index + 1] as string);
  }
  return content(out);
}

/** Joins pieces without anything between them, or with `separator`, which is escaped unless it is `Html`. */
export function join(pieces: readonly Renderable[], separator: Renderable = ""): Html {
  const between = renderText(separator);
  let out = "";
  for (const piece of pieces) {
    const rendered = renderText(piece);
    if (rendered === "") continue;
    out += out === "" ? rendered : between + rendered;
  }
  return content(out);
}

/** Attributes for use inside a tag: `<a${attributes({ href })}>`. URLs that would run a script become `#`. */
export function attributes(values: Attributes): AttributeList {
  let out = "";
  for (const name in values) {
    const value = values[name];
    if (value === undefined || value === null || value === false) continue;
    if (!ATTRIBUTE_NAME.test(name) || EVENT_HANDLER.test(name) || name.toLowerCase() === "srcdoc") {
      throw new TypeError(
        `"${name}" is not an attribute that may be written: inline handlers never run under our policy`,
      );
    }
    if (value === true) out += ` ${name}`;
    else out += ` ${name}="${isUrlAttribute(name) ? escapeHtml(safeUrl(String(value))) : escapeHtml(String(value))}"`;
  }
  return new Markup("attributes", out) as AttributeList;
}

/** Marks markup as safe. For constants, and for what another renderer of ours made (an SVG drawn on the server), only. */
export function trusted(markup: string): Html {
  return content(markup);
}

export function isHtml(value: unknown): value is Html {
  return value instanceof Markup && value.kind === "content";
}

/** Class names, those that are empty left out. */
export function classNames(...names: readonly (string | false | null | undefined)[]): string {
  let out = "";
  for (const name of names) {
    if (name) out += out === "" ? name : ` ${name}`;
  }
  return out;
}

/** Escapes for text and for quoted attribute values. */
export function escapeHtml(value: string): string {
  if (!SPECIAL.test(value)) return value;
  let out = "";
  let from = 0;
  for (let index = 0; index < value.length; index += 1) {
    const replacement = replacementOf(value.charCodeAt(index));
    if (replacement === undefined) continue;
    out += value.slice(from, index) + replacement;
    from = index + 1;
  }
  return out + value.slice(from);
}

function replacementOf(unit: number): string | undefined {
  switch (unit) {
    case 0x26:
      return "&amp;";
    case 0x3c:
      return "&lt;";
    case 0x3e:
      return "&gt;";
    case 0x22:
      return "&quot;";
    case 0x27:
      return "&#39;";
    case 0x60:
      return "&#96;";
    default:
      return undefined;
  }
}

/** The URL, or `#` where following it would run a script. Pictures may be `data:` URLs. */
export function safeUrl(url: string): string {
  // A browser ignores control characters and spaces before and inside a scheme.
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(withoutControls(url).toLowerCase())?.[1];
  if (scheme === undefined || scheme === "http" || scheme === "https" || scheme === "mailto" || scheme === "tel")
    return url;
  if (scheme === "data" && /^\s*data:image\/(png|jpeg|webp|gif|svg\+xml)[;,]/i.test(url)) return url;
  return "#";
}

function withoutControls(url: string): string {
  let out = "";
  for (const character of url) {
    const code = character.codePointAt(0) as number;
    if (code > 0x20 && !(code >= 0x7f && code <= 0xa0)) out += character;
  }
  return out;
}

function content(markup: string): Html {
  return new Markup("content", markup) as Html;
}

function isUrlAttribute(name: string): boolean {
  return URL_ATTRIBUTES.has(name.toLowerCase());
}

function renderAt(place: Place, value: Renderable): string {
  switch (place) {
    case "text":
      return renderText(value);
    case "tag":
      return renderInTag(value);
    case "value":
      return escapeHtml(plain(value));
    case "url":
      return escapeHtml(safeUrl(plain(value)));
  }
}

function renderText(value: Renderable): string {
  if (typeof value === "string") return escapeHtml(value);
  if (value === null || value === undefined || typeof value === "boolean") return "";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (Array.isArray(value)) {
    let out = "";
    for (const item of value as readonly Renderable[]) out += renderText(item);
    return out;
  }
  if (isHtml(value)) return value.toString();
  throw new TypeError("Only Html, text and numbers may stand in text; attributes() stands inside a tag");
}

/** Inside a tag only `attributes()` may stand, or a whole number as in `<h${level}>`. */
function renderInTag(value: Renderable): string {
  if (value instanceof Markup && value.kind === "attributes") return value.toString();
  if (value === null || value === undefined || typeof value === "boolean") return "";
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return String(value);
  throw new TypeError("Inside a tag only attributes() and whole numbers may stand");
}

function plain(value: Renderable): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined || typeof value === "boolean") return "";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  throw new TypeError("An attribute's value is text or a number, never markup");
}

/** Walks the constant parts once and says where each interpolation stands. */
function placesOf(strings: TemplateStringsArray): readonly Place[] {
  const places: Place[] = [];
  let state: "text" | "tag" | '"' | "'" = "text";
  let attribute = "";
  let valueIsEmpty = true;
  for (let part = 0; part < strings.length - 1; part += 1) {
    const constant = strings[part] as string;
    for (let index = 0; index < constant.length; index += 1) {
      const character = constant[index] as string;
      if (state === "text") {
        if (character !== "<") continue;
        const rest = constant.slice(index);
        if (rest.startsWith("<!--")) {
          const end = constant.indexOf("-->", index);
          if (end < 0) throw new TypeError("A value cannot stand in a comment");
          index = end + 2;
        } else if (RAW_TEXT_TAG.test(rest)) {
          if (!/^<(\w+)[^>]*><\/\1>/i.test(rest)) throw new TypeError("A value cannot stand near a script or a style");
          state = "tag";
        } else if (/^<[a-z!/]/i.test(rest) || rest === "<" || rest === "</") state = "tag";
      } else if (state === "tag") {
        if (character === ">") state = "text";
        else if (character === '"' || character === "'") {
          attribute = /([\w:.-]+)\s*=\s*$/.exec(constant.slice(0, index))?.[1] ?? "";
          state = character;
          valueIsEmpty = true;
        }
      } else if (character === state) state = "tag";
      else valueIsEmpty = false;
    }
    const place = placeOf({ state, attribute, valueIsEmpty, constant });
    // "javascript" and ":alert(1)" are each harmless; one after the other they are not.
    if (place === "url" && constant === "" && places.at(-1) === "url") {
      throw new TypeError("Give the beginning of an address as one value");
    }
    places.push(place);
  }
  return places;
}

interface Position {
  readonly state: "text" | "tag" | '"' | "'";
  readonly attribute: string;
  /** Whether nothing constant precedes in the value: only then may the interpolation decide the scheme of a URL. */
  readonly valueIsEmpty: boolean;
  readonly constant: string;
}

function placeOf({ state, attribute, valueIsEmpty, constant }: Position): Place {
  if (state === "text") return "text";
  if (state === "tag") {
    if (/=\s*$/.test(constant)) throw new TypeError(`Quote the value after ${constant.slice(-20)}`);
    return "tag";
  }
  if (EVENT_HANDLER.test(attribute) || attribute === "style" || attribute === "srcdoc") {
    throw new TypeError(`A value cannot stand in ${attribute}: our content policy allows no inline script or style`);
  }
  return isUrlAttribute(attribute) && valueIsEmpty ? "url" : "value";
}
