/** Columns of a terminal that nobody made wider. */
export const TERMINAL_COLUMNS = 80;

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
/** What does not begin a line. */
const CLOSING = /^[，。；：、！？）》」』”’,.;:!?)\]]/u;

/** How many columns a text takes: Chinese characters take two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += WIDE.test(character) ? 2 : 1;
  return columns;
}

/** A text in lines that fit a terminal; every line after the first is indented by `hanging` more columns. */
export function wrapped(
  text: string,
  { indent, hanging = 0 }: { readonly indent: number; readonly hanging?: number },
): string[] {
  const lines: string[] = [];
  let line = " ".repeat(indent);
  let isEmpty = true;
  for (const piece of piecesOf(text)) {
    if (!isEmpty && columnsOf(line) + columnsOf(piece.trimEnd()) > TERMINAL_COLUMNS) {
      lines.push(line.trimEnd());
      line = " ".repeat(indent + hanging);
      isEmpty = true;
    }
    line += isEmpty ? piece.trimStart() : piece;
    isEmpty &&= piece.trim() === "";
  }
  return [...lines, line.trimEnd()];
}

/** What stays together: a word with the space after it, an option in its brackets, a Chinese character with what closes after it. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  for (const piece of text.match(
    /\[[^\]]*\]…? ?|[\u2e80-\u9fff\uff00-\uffef“”‘’]|[^\s[\u2e80-\u9fff\uff00-\uffef“”‘’]+ ?|\s+|\[/gu,
  ) ?? []) {
    const last = pieces.at(-1);
    if (last !== undefined && CLOSING.test(piece)) pieces[pieces.length - 1] = last + piece;
    else pieces.push(piece);
  }
  return pieces;
}
