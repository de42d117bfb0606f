/**
 * HTML as comparable lines: one for each tag (attributes sorted, class names sorted) and one for each text (white space
 * collapsed, character references decoded). Enough of a parser for markup that templates write; not for the wild web.
 */
export function normalised(markup: string): string[] {
  const lines: string[] = [];
  let at = 0;
  while (at < markup.length) {
    const open = markup.indexOf("<", at);
    pushText(lines, markup.slice(at, open < 0 ? markup.length : open));
    if (open < 0) break;
    const close = endOfTag(markup, open);
    lines.push(tag(markup.slice(open + 1, close)));
    at = close + 1;
  }
  return lines;
}

function pushText(lines: string[], piece: string): void {
  const collapsed = decoded(piece.replace(/\s+/g, " ").trim());
  if (collapsed !== "") lines.push(`"${collapsed}"`);
}

function endOfTag(markup: string, open: number): number {
  let quote = "";
  for (let index = open; index < markup.length; index += 1) {
    const character = markup[index] as string;
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === ">") return index;
  }
  throw new Error(`A tag does not end: ${markup.slice(open, open + 80)}`);
}

function tag(inside: string): string {
  const name = /^\/?[\w-]+/.exec(inside)?.[0] ?? "";
  const list: string[] = [];
  for (const [, attribute, , double, single] of inside
    .slice(name.length)
    .matchAll(/([^\s=/"'>]+)(\s*=\s*(?:"([^"]*)"|'([^']*)'))?/g)) {
    list.push(`${attribute}=${writtenValue(attribute as string, decoded(double ?? single ?? ""))}`);
  }
  return `<${[name, ...list.sort()].join(" ")}>`;
}

function writtenValue(attribute: string, value: string): string {
  const parts = value.trim().split(/\s+/);
  return attribute === "class" ? parts.sort().join(" ") : parts.join(" ");
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0", ctdot: "⋯" };

function decoded(value: string): string {
  return value.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return NAMED[name] ?? whole;
  });
}
