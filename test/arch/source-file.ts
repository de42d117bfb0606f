import { posix } from "node:path";
import { type Comment, parseSync } from "oxc-parser";

export interface Import {
  readonly specifier: string;
  /** The file of this house that it means, from the root; undefined for a package or a module of Node's. */
  readonly target: string | undefined;
  readonly typeOnly: boolean;
  readonly line: number;
}

/** A node of the syntax tree, as the parser gives it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [part: string]: unknown;
}

/** A source file, read once, with what the rules ask about. */
export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly program: Node;
  readonly comments: readonly (Comment & { readonly line: number })[];
  lineOf(offset: number): number;
}

/** Where the package's own `imports` map leads; a wing's alias leads to the contract of a room alone. */
const WINGS = ["infrastructure", "resources", "systems", "services", "standards", "management"] as const;
export type Wing = (typeof WINGS)[number];

/** @throws Error when it does not parse: a rule that cannot read a file must not pass it */
export function sourceFile(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const [error] = parsed.errors;
  if (error) throw new Error(`${path} does not parse: ${error.message}`);
  const starts = lineStarts(text);
  const lineOf = (offset: number) => starts.findLastIndex((start) => start <= offset) + 1;
  const program = parsed.program as unknown as Node;
  return {
    path,
    text,
    lines: starts.length,
    imports: importsOf(path, program, lineOf),
    program,
    comments: parsed.comments.map((comment) => ({ ...comment, line: lineOf(comment.start) })),
    lineOf,
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Every way to name another module: import, export from, dynamic import, a type's `import("…")`, side effects. */
function importsOf(path: string, program: Node, lineOf: (offset: number) => number): readonly Import[] {
  const found: Import[] = [];
  for (const node of nodesOf(program)) {
    const source = (node["source"] ?? node["argument"]) as Node | null | undefined;
    const named = IMPORTING.has(node.type) && source?.type === "Literal" ? source["value"] : undefined;
    const literal = node.type === "TSImportType" ? literalOf(node) : named;
    if (typeof literal !== "string") continue;
    found.push({
      specifier: literal,
      target: targetOf(path, literal),
      typeOnly: node.type === "TSImportType" || node["importKind"] === "type" || node["exportKind"] === "type",
      line: lineOf(node.start),
    });
  }
  return found;
}

const IMPORTING = new Set(["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration", "ImportExpression"]);

function literalOf(node: Node): unknown {
  const source = node["source"] as Node | undefined;
  const argument = node["argument"] as (Node & { literal?: Node }) | undefined;
  return source?.["value"] ?? argument?.["value"] ?? argument?.literal?.["value"];
}

function targetOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.normalize(posix.join(posix.dirname(path), specifier));
  const alias = /^#([a-z]+)\/(.+)$/.exec(specifier);
  if (!alias) return undefined;
  const [, zone = "", rest = ""] = alias;
  return (WINGS as readonly string[]).includes(zone) ? `src/${zone}/${rest}/contract.ts` : `src/${zone}/${rest}.ts`;
}

/** Every node of a syntax tree, parents first. */
export function* nodesOf(root: Node): Generator<Node> {
  const pending: Node[] = [root];
  for (let node = pending.pop(); node; node = pending.pop()) {
    yield node;
    for (const part of Object.values(node)) {
      for (const child of Array.isArray(part) ? part : [part]) if (isNode(child)) pending.push(child);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** `test.skip` of `test.skip("…")`; undefined where something else than a name is called. */
export function calleeOf(node: Node): string | undefined {
  return node.type === "CallExpression" || node.type === "NewExpression" ? nameOf(node["callee"] as Node) : undefined;
}

/** `Math.random` of the expression that names it. */
export function nameOf(node: Node | undefined): string | undefined {
  if (node?.type === "Identifier") return String(node["name"]);
  if (node?.type !== "MemberExpression" || node["computed"]) return undefined;
  const object = nameOf(node["object"] as Node);
  return object === undefined ? undefined : `${object}.${(node["property"] as { name?: string }).name}`;
}
