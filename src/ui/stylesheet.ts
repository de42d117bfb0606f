import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { crc32 } from "node:zlib";

/** Our files in the order of the cascade: tokens, then what every page has, then a file a component. */
const FILES = [
  "tokens",
  "page",
  "govuk",
  "layout",
  "demonstration-banner",
  "hero",
  "search-box",
  "numbers",
  "topics",
  "page-heading",
  "next-step",
  "clock",
  "rail",
  "procedure",
  "facts",
  "receipt",
  "decision",
  "notice",
  "case-card",
  "task-table",
  "empty-state",
  "timeline",
  "form-steps",
  "file-list",
  "verdict",
  "qr",
  "node-map",
  "identity-choice",
  "workbench",
  "portal",
  "example",
] as const;

/** govuk-frontend's components that we have no use for; its header and footer carry marks that are not ours to use. */
const UNUSED =
  /\.govuk-(accordion|cookie-banner|exit-this-page|feedback|footer|header|generic-header|language-navigation|logo|service-navigation|template__(header|footer))(?![a-z])/;
const FONT = "GDS Transport,arial,sans-serif";

export interface Asset {
  readonly body: string;
  /** Changes with the body; part of the address, so that a browser keeps an asset for ever. */
  readonly hash: string;
}

let bundled: (Asset & { readonly css: string; readonly ours: string }) | undefined;

/** The one stylesheet: bare elements in the lowest layer, govuk-frontend's above, ours above both, so that no rule shouts. */
export function stylesheet(): Asset & { readonly css: string; readonly ours: string } {
  if (bundled === undefined) {
    const ours = minified(FILES.map((file) => readOurs(`${file}.css`)).join("\n"));
    const elements = `@layer elements{${minified(readOurs("base.css"))}}`;
    const css = `${elements}@layer govuk{${adapted(readGovuk("govuk-frontend.min.css"))}}${ours}`;
    bundled = { css, ours: elements + ours, body: css, hash: fingerprint(css) };
  }
  return bundled;
}

export function readOurs(file: string): string {
  return readFileSync(new URL(`./assets/${file}`, import.meta.url), "utf8");
}

export function readGovuk(file: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(`govuk-frontend/dist/govuk/${file}`), "utf8");
}

export function fingerprint(body: string): string {
  return `${crc32(body).toString(36)}${body.length.toString(36)}`;
}

/** Without its font, its crest, its site furniture and the fall-backs of colours that our tokens set. */
function adapted(css: string): string {
  if (!css.includes(FONT)) throw new Error("govuk-frontend's stylesheet names another font than we replace");
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*@charset "[^"]*";/, "");
  const themed = withoutUnused(bare.trim())
    .replaceAll(FONT, "var(--sans)")
    .replace(/(var\(--govuk-[\w-]+),#[\da-f]{3,6}\)/g, "$1)");
  if (/url\((?!["']?data:)/.test(themed)) throw new Error("govuk-frontend's stylesheet fetches something");
  return themed;
}

/** Drops rules whose every selector belongs to what we do not use; keeps all else as it is written. */
function withoutUnused(css: string): string {
  let out = "";
  let at = 0;
  while (at < css.length) {
    const open = css.indexOf("{", at);
    if (open < 0) return out + css.slice(at);
    const head = css.slice(at, open).trim();
    const close = matchingBrace(css, open);
    const body = css.slice(open + 1, close);
    if (head.startsWith("@") && !/^@(font-face|keyframes|-\w+-keyframes|page)/.test(head)) {
      const inner = withoutUnused(body);
      if (inner !== "") out += `${head}{${inner}}`;
    } else if (!head.startsWith("@font-face")) {
      const selectors = usedSelectors(head);
      if (selectors !== "") out += `${selectors}{${body}}`;
    }
    at = close + 1;
  }
  return out;
}

/** A list inside brackets, as in `:not(a, b)`, is left whole. */
function usedSelectors(head: string): string {
  const selectors = head.includes("(") ? [head] : head.split(",");
  return selectors.filter((selector) => !UNUSED.test(selector)).join(",");
}

function matchingBrace(css: string, open: number): number {
  let depth = 0;
  for (let index = open; index < css.length; index += 1) {
    if (css[index] === "{") depth += 1;
    else if (css[index] === "}") {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  throw new Error("A stylesheet's brace does not close");
}

function minified(css: string): string {
  return css
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,]) ?/g, "$1")
    .replace(/([{;][\w-]+): /g, "$1:")
    .replaceAll(";}", "}")
    .trim();
}
