import { finding, isTest, type Rule } from "./rule.ts";
import { calleeOf, type Node, nameOf, nodesOf } from "./source-file.ts";

/** What the kernel may say although a room has the same name, and why. */
const KERNEL_WORDS: Readonly<Record<string, string>> = {
  procedures: "a part of every contract, which the framework's list of rooms also names",
  exchange: "a type of entries of the ledger: what was exchanged with another node",
  events: "a part of every contract; the room that distributes them is called after it",
};
const KERNEL_DUTIES: Readonly<Record<string, string>> = {
  "audit.read": "the auditor's duty is the kernel's own: no policy of a room can lift it",
};

export const kernelNamesNoRoom: Rule = {
  name: "the kernel names no room",
  because: "the kernel is what every room stands on; what it needs of one it declares as a port, and node wires it",
  applies: (path) => path.startsWith("src/kernel/") && !isTest(path) && !/\/sample-[a-z-]+\.ts$/.test(path),
  check: (file, house) =>
    [...nodesOf(file.program)].flatMap((node) => {
      const value = node.type === "Literal" ? node["value"] : node.type === "TemplateElement" ? rawOf(node) : undefined;
      if (typeof value !== "string" || value in KERNEL_DUTIES || value.startsWith(".")) return [];
      const rooms = [...house.rooms].filter((id) => !(id in KERNEL_WORDS));
      const room = rooms.find((id) => value === id || value.startsWith(`${id}.`) || value.includes(`/${id}/`));
      return room === undefined ? [] : [finding(file, file.lineOf(node.start), `"${value}" names the room ${room}`)];
    }),
  bad: [
    ["src/kernel/a.ts", 'const room = "population";'],
    ["src/kernel/a.ts", 'type Room = "quality" | "other";'],
    ["src/kernel/a.ts", "const duty = `population.read`;"],
    ["src/kernel/a.ts", 'const where = "src/systems/quality/contract.ts";'],
  ],
  good: [
    ["src/kernel/a.ts", 'const duty = `${room}.read`; const word = "qualitative"; // such as population'],
    ["src/kernel/a.ts", 'const AUDIT = "audit.read";'],
  ],
};

function rawOf(node: Node): string {
  return (node["value"] as { cooked?: string }).cooked ?? "";
}

const IMPURE_CALLS = new Set([
  "Date.now",
  "performance.now",
  "Math.random",
  "crypto.randomUUID",
  "crypto.getRandomValues",
  "fetch",
  "setTimeout",
  "setInterval",
  "setImmediate",
]);
/** The tables that a pure function may be made from, and the primitives that are functions of their input alone. */
const PURE_MODULES = /^(?:node:(?:buffer|util|assert|zlib)|(?!node:).*)$/;

export const pureLibrary: Rule = {
  name: "lib is pure",
  because:
    "what depends on nothing but its input can be tested, replayed and proved; clock, randomness and files are passed in",
  applies: (path) => path.startsWith("src/lib/") && !isTest(path),
  check: (file) => {
    const modules = file.imports.filter(
      (one) =>
        !one.typeOnly &&
        !PURE_MODULES.test(one.specifier) &&
        !(one.specifier === "node:crypto" && file.path.startsWith("src/lib/crypto/")),
    );
    return [
      ...modules.map((one) => finding(file, one.line, `${one.specifier} is not pure`)),
      ...[...nodesOf(file.program)].flatMap((node) => {
        const impure = impurity(node);
        return impure === undefined ? [] : [finding(file, file.lineOf(node.start), `${impure} is not pure`)];
      }),
    ];
  },
  bad: [
    ["src/lib/a.ts", "export const now = Date.now();"],
    ["src/lib/a.ts", "export const now = () => new Date();"],
    ["src/lib/a.ts", "export const now = Temporal.Now.instant();"],
    ["src/lib/a.ts", "export const luck = () => Math.random();"],
    ["src/lib/a.ts", 'import { readFileSync } from "node:fs"; readFileSync("a");'],
    ["src/lib/a.ts", "export const home = process.env;"],
    ["src/lib/a.ts", "fetch(url);"],
    ["src/lib/a.ts", 'import { randomBytes } from "node:crypto";'],
  ],
  good: [
    ["src/lib/a.ts", 'export const day = (at: string) => new Date(at); import { hash } from "#lib/crypto/digest";'],
    ["src/lib/crypto/a.ts", 'import { hash } from "node:crypto";'],
  ],
};

function impurity(node: Node): string | undefined {
  const callee = calleeOf(node);
  if (node.type === "CallExpression" && callee !== undefined) {
    if (IMPURE_CALLS.has(callee) || callee.startsWith("Temporal.Now.")) return callee;
  }
  if (node.type === "NewExpression" && callee === "Date" && (node["arguments"] as unknown[]).length === 0)
    return "new Date()";
  const name = node.type === "MemberExpression" ? nameOf(node) : undefined;
  return name?.startsWith("process.") ? name : undefined;
}

export const threeStreams: Rule = {
  name: "no console but on the command line",
  because: "the application log, metrics and ledger are the three streams; what is printed besides is in none of them",
  applies: (path) => path.startsWith("src/") && !isTest(path),
  check: (file) =>
    [...nodesOf(file.program)].flatMap((node) =>
      calleeOf(node)?.startsWith("console.") && !file.path.startsWith("src/node/")
        ? [finding(file, file.lineOf(node.start), "console is not a log")]
        : [],
    ),
  bad: [["src/kernel/a.ts", 'console.log("here");']],
  good: [["src/node/start.ts", 'console.log("ready");']],
};

const SKIPPING = /^(?:test|it|describe|suite|t|context)\.(?:skip|todo)$/;
const ONLY = /^(?:test|it|describe|suite)\.only$/;

export const noSilentSkips: Rule = {
  name: "no test is left out without a reason",
  because: "a test that does not run and does not say why reads as one that passes",
  applies: isTest,
  check: (file) =>
    [...nodesOf(file.program)].flatMap((node) => {
      const callee = calleeOf(node) ?? "";
      const line = file.lineOf(node.start);
      if (ONLY.test(callee)) return [finding(file, line, `${callee} leaves all others out`)];
      // With one argument it is a running test that leaves off and says why; with a body, one that never runs.
      if (SKIPPING.test(callee) && (node["arguments"] as unknown[]).length !== 1) {
        return [finding(file, line, `${callee} says no reason: give { skip: "why" }`)];
      }
      const key = node.type === "Property" ? (node["key"] as { name?: string }).name : undefined;
      const value = node["value"] as { value?: unknown } | undefined;
      const bare = (key === "skip" || key === "todo" || key === "only") && value?.value === true;
      return bare ? [finding(file, line, `${key}: true says no reason`)] : [];
    }),
  bad: [
    ["src/a.test.ts", 'test.skip("a", () => {});'],
    ["src/a.test.ts", 'describe.only("a", () => {});'],
    ["src/a.test.ts", 'test("a", { skip: true }, () => {});'],
    ["src/a.test.ts", 'test("a", (t) => { t.skip(); });'],
  ],
  good: [
    ["src/a.test.ts", 'test("a", { skip: absent ? "no browser is installed" : false }, () => {});'],
    ["src/a.test.ts", 'test("a", (t) => { t.skip("no vectors here"); });'],
  ],
};

const LEFT_OVER = /\b(?:TODO|FIXME|XXX|HACK)\b/;
const SILENCER = /@ts-(?:ignore|nocheck)\b/;

export const nothingLeftOver: Rule = {
  name: "nothing left for later in a comment",
  because: "what is not done is written in the list of what is not done; a comment is read by nobody who plans",
  applies: () => true,
  check: (file) =>
    file.comments.flatMap((comment) => {
      const word = LEFT_OVER.exec(comment.value)?.[0] ?? SILENCER.exec(comment.value)?.[0];
      return word === undefined ? [] : [finding(file, comment.line, `the comment says ${word}`)];
    }),
  bad: [
    ["src/kernel/a.ts", "// TODO later"],
    ["src/kernel/a.ts", "/* FIXME */"],
    ["src/kernel/a.ts", "// @ts-ignore"],
  ],
  good: [["src/kernel/a.ts", 'const word = "TODO"; // a to-do list 待办']],
};
