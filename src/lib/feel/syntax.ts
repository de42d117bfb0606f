import { parser } from "lezer-feel";

/** What keeps an expression small enough to be read by people and harmless to a node. */
export const FEEL_SOURCE_LENGTH_MAX = 4_000;
export const FEEL_DEPTH_MAX = 60;
export const FEEL_NODES_MAX = 2_000;

/** A node of the concrete syntax: the grammar's name, its text, its children, marks such as `(` among them. */
export interface SyntaxNode {
  readonly name: string;
  readonly text: string;
  readonly at: number;
  readonly children: readonly SyntaxNode[];
}

/** An expression that cannot be compiled: where, and which construct. */
export class FeelSyntaxFault extends Error {
  readonly code = "ERR_FEEL_SYNTAX";
  readonly source: string;
  readonly at: number;
  constructor(source: string, at: number, what: string) {
    super(`FEEL: ${what} at character ${at + 1} of: ${source.slice(0, 200)}`);
    this.name = "FeelSyntaxFault";
    this.source = source;
    this.at = at;
  }
}

const expressions = parser.configure({ top: "Expression" });

/** Parses with the lezer-feel grammar; every error, and every bound that is passed, is a fault. */
export function parseFeel(source: string): SyntaxNode {
  if (source.length > FEEL_SOURCE_LENGTH_MAX) {
    throw new FeelSyntaxFault(source, FEEL_SOURCE_LENGTH_MAX, `more than ${FEEL_SOURCE_LENGTH_MAX} characters`);
  }
  const cursor = expressions.parse(source).cursor();
  let nodes = 0;
  const read = (depth: number): SyntaxNode => {
    const { from, to } = cursor;
    if (cursor.type.isError) throw new FeelSyntaxFault(source, from, "unexpected or missing text");
    if (depth > FEEL_DEPTH_MAX) throw new FeelSyntaxFault(source, from, `nested more than ${FEEL_DEPTH_MAX} deep`);
    if (++nodes > FEEL_NODES_MAX) throw new FeelSyntaxFault(source, from, "too many parts");
    const { name } = cursor;
    const children: SyntaxNode[] = [];
    if (cursor.firstChild()) {
      do {
        if (cursor.name !== "LineComment" && cursor.name !== "BlockComment") children.push(read(depth + 1));
      } while (cursor.nextSibling());
      cursor.parent();
    }
    return { name, text: source.slice(from, to), at: from, children };
  };
  const tree = read(0);
  if (tree.children.length !== 1) throw new FeelSyntaxFault(source, 0, "not one expression");
  return tree;
}
