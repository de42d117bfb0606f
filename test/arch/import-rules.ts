import { type Finding, finding, isTest, type Rule } from "./rule.ts";
import type { Import, SourceFile } from "./source-file.ts";

/** A part of the house. A room is `wing/name`. */
export function zoneOf(path: string): string {
  const [top = "", zone = "", room = ""] = path.split("/");
  if (top === "packages") return `packages/${zone}`;
  if (top !== "src") return top;
  return isWing(zone) ? `${zone}/${room}` : zone;
}

const WINGS = new Set(["infrastructure", "resources", "systems", "services", "standards", "management"]);

function isWing(zone: string): boolean {
  return WINGS.has(zone);
}

function isRoom(zone: string): boolean {
  return isWing(zone.split("/")[0] ?? "");
}

/** What each zone may import besides itself. Contracts of rooms are a case of their own. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  ui: ["lib"],
  kernel: ["lib"],
  portal: ["lib", "ui", "kernel"],
  workbench: ["lib", "ui", "kernel"],
};
const BELOW_A_ROOM = ["lib", "ui", "kernel"];

const MAY_USE_CONTRACTS = new Set(["portal", "workbench"]);

function mayImport(from: string, to: string, target: string): boolean {
  // The composition root, the tests, the figures and the program around them see everything.
  if (from === to || ["node", "test", "bench", "conformance"].includes(from)) return true;
  if (from.startsWith("packages/")) return false;
  const below = isRoom(from) ? BELOW_A_ROOM : BELOW[from];
  if (below?.includes(to)) return true;
  const isContract = isRoom(to) && target === `src/${to}/contract.ts`;
  return isContract && (isRoom(from) || MAY_USE_CONTRACTS.has(from));
}

export const importZones: Rule = {
  name: "imports go downwards",
  because:
    "lib ← ui, lib ← kernel ← rooms ← node: a room knows another by its contract alone, so that it can move to another node",
  applies: () => true,
  check: (file) =>
    file.imports.flatMap((one) => {
      if (one.target === undefined || !one.target.startsWith("src/")) return [];
      const [from, to] = [zoneOf(file.path), zoneOf(one.target)];
      if (mayImport(from, to, one.target)) return [];
      return [finding(file, one.line, `${from} may not import ${one.specifier}`)];
    }),
  bad: [
    ["src/lib/names/name.ts", 'import { html } from "#ui/html";'],
    ["src/lib/names/name.ts", 'import type { Contract } from "#kernel/contract/contract";'],
    ["src/ui/form/form.ts", 'import { fieldMeta } from "#kernel/contract/field";'],
    ["src/kernel/system/kernel.ts", 'import { population } from "#resources/population";'],
    ["src/kernel/system/kernel.ts", 'const page = await import("../../portal/home.ts");'],
    ["src/kernel/system/kernel.ts", 'let a: import("#resources/population").X;'],
    ["src/kernel/system/kernel.ts", 'import { page } from "#ui/layouts/page";'],
    ["src/systems/quality/pages/a.ts", 'import { a } from "../../../resources/population/registers.ts";'],
    ["src/systems/quality/system.ts", 'export { start } from "../../node/start.ts";'],
    ["src/portal/home.ts", 'import { a } from "../resources/population/operations/find.ts";'],
    ["packages/verifier/verify.ts", 'import { root } from "../../src/lib/merkle/proof.ts";'],
  ],
  good: [
    ["src/systems/quality/system.ts", 'import { population } from "#resources/population";'],
    ["src/systems/quality/system.ts", 'import { text } from "#lib/language/text";'],
    ["src/systems/quality/pages/a.ts", 'import { page } from "#ui/layouts/page"; import { a } from "../contract.ts";'],
    ["src/portal/home.ts", 'import { population } from "#resources/population"; import "#kernel/http/page";'],
    ["src/node/rooms.ts", 'import population from "../resources/population/system.ts";'],
  ],
};

export const relativeImports: Rule = {
  name: "no ../ out of a zone",
  because: "a path that climbs out of a room or zone goes around the package's imports map, which guards the doors",
  applies: (path) => path.startsWith("src/") && !path.startsWith("src/node/"),
  check: (file) =>
    file.imports.flatMap((one) => {
      if (!one.specifier.startsWith(".") || one.target === undefined) return [];
      const stays = zoneOf(one.target) === zoneOf(file.path) && one.target.startsWith("src/");
      return stays ? [] : [finding(file, one.line, `${one.specifier} leaves ${zoneOf(file.path)}`)];
    }),
  bad: [
    ["src/systems/quality/system.ts", 'import { text } from "../../lib/language/text.ts";'],
    ["src/systems/quality/system.ts", 'import { population } from "../../resources/population/contract.ts";'],
    ["src/kernel/a.ts", 'import pack from "../../package.json" with { type: "json" };'],
  ],
  good: [
    ["src/systems/quality/operations/a.ts", 'import { quality } from "../contract.ts";'],
    ["src/kernel/system/a.ts", 'import { Fault } from "../errors/fault.ts";'],
  ],
};

export const confinedCryptography: Rule = confined({
  name: "cryptography in three places",
  because: "what handles keys and randomness is small enough to be reviewed as a whole, and is replaced in one place",
  modules: /^(?:node:)?crypto$/,
  places: /^src\/(?:lib\/crypto\/|kernel\/random\.ts$|infrastructure\/trust\/)/,
  bad: ["src/kernel/ledger/entry.ts", 'import { createHash } from "node:crypto";'],
  good: ["src/lib/crypto/digest.ts", 'import { hash } from "node:crypto";'],
});

export const confinedDatabase: Rule = confined({
  name: "the database driver in one place",
  because: "transactions, timeouts and retries are kept by src/kernel/database; a second door would not have them",
  modules: /^pg(?:-.+)?(?:\/.*)?$/,
  places: /^src\/kernel\/database\//,
  bad: ["src/resources/population/operations/find.ts", 'import pg from "pg";'],
  good: ["src/kernel/database/connection.ts", 'import pg from "pg";'],
});

function confined(options: {
  name: string;
  because: string;
  modules: RegExp;
  places: RegExp;
  bad: readonly [string, string];
  good: readonly [string, string];
}): Rule {
  return {
    name: options.name,
    because: options.because,
    applies: (path) => path.startsWith("src/") && !isTest(path),
    check: (file) =>
      file.imports.flatMap((one) =>
        options.modules.test(one.specifier) && !options.places.test(file.path)
          ? [finding(file, one.line, `${one.specifier} is not for ${zoneOf(file.path)}`)]
          : [],
      ),
    bad: [options.bad],
    good: [options.good],
  };
}

export const standAloneVerifier: Rule = {
  name: "the verifier stands alone",
  because: "whoever checks a proof must not have to trust, or install, what made it",
  applies: (path) => path.startsWith("packages/") && !isTest(path),
  check: (file) =>
    file.imports.flatMap((one) => {
      const own = one.target !== undefined && zoneOf(one.target) === zoneOf(file.path);
      return own || one.specifier.startsWith("node:")
        ? []
        : [finding(file, one.line, `${one.specifier} is neither its own nor Node's`)];
    }),
  bad: [
    ["packages/verifier/verify.ts", 'import { z } from "zod";'],
    ["packages/verifier/verify.ts", 'import { proof } from "#lib/merkle/proof";'],
  ],
  good: [["packages/verifier/verify.ts", 'import { hash } from "node:crypto"; import { a } from "./proof.ts";']],
};

export const noCircles: Rule = {
  name: "no circle of imports",
  because: "modules that need each other cannot be read, tested or started one at a time; types alone may refer back",
  applies: (path) => path.startsWith("src/") || path.startsWith("packages/"),
  check: (file, house) => {
    const path = circleFrom(file, house.files);
    return path ? [finding(file, path.line, `imports itself through ${path.names.join(" → ")}`)] : [];
  },
  bad: [["src/kernel/one.ts", 'import { one } from "./one.ts"; export const two = one;']],
  good: [["src/kernel/one.ts", 'import type { Two } from "./one.ts";']],
};

function circleFrom(
  file: SourceFile,
  files: ReadonlyMap<string, SourceFile>,
): { readonly names: readonly string[]; readonly line: number } | undefined {
  const seen = new Set<string>();
  const pending: { readonly one: Import; readonly names: readonly string[]; readonly line: number }[] = values(
    file,
  ).map((one) => ({ one, names: [], line: one.line }));
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { target } = next.one;
    if (target === undefined || seen.has(target)) continue;
    seen.add(target);
    const names = [...next.names, target];
    if (target === file.path) return { names, line: next.line };
    for (const one of values(files.get(target))) pending.push({ one, names, line: next.line });
  }
  return undefined;
}

function values(file: SourceFile | undefined): readonly Import[] {
  return file?.imports.filter((one) => !one.typeOnly) ?? [];
}

export const noBarrels: Rule = {
  name: "no barrel file",
  because: "a file that only hands on what others export hides where things live and loads all for one",
  applies: (path) => path.startsWith("src/") || path.startsWith("packages/"),
  check: (file) => {
    const body = file.program["body"] as readonly { type: string; source?: unknown; start: number }[];
    const all = body.filter((statement) => statement.type === "ExportAllDeclaration");
    const handsOn = body.filter((statement) => statement.type === "ExportNamedDeclaration" && statement.source);
    const only = body.length > 0 && body.every((one) => one.type === "ImportDeclaration" || handsOn.includes(one));
    return [
      ...all.map((statement) => finding(file, file.lineOf(statement.start), "export * hands on everything")),
      ...(only && handsOn.length > 0 ? [finding(file, 1, "it only hands on what other files export")] : []),
      ...(/(?:^|\/)index\.ts$/.test(file.path) ? [finding(file, 1, "a file is named after what it holds")] : []),
    ];
  },
  bad: [
    ["src/kernel/all.ts", 'export * from "./one.ts";'],
    ["src/kernel/all.ts", 'export { one } from "./one.ts"; export { two } from "./two.ts";'],
    ["src/kernel/index.ts", "export const one = 1;"],
  ],
  good: [["src/kernel/one.ts", 'export { two } from "./two.ts"; export const one = 1;']],
};

export const noDefaultExports: Rule = {
  name: "no default export but a room's system.ts",
  because: "a thing has one name everywhere; a room's system alone is found by its place",
  applies: (path) => path.startsWith("src/") || path.startsWith("packages/"),
  check: (file) => {
    const isSystem = /^src\/[a-z]+\/[a-z-]+\/system\.ts$/.test(file.path) && zoneOf(file.path).includes("/");
    const body = file.program["body"] as readonly { type: string; start: number }[];
    const defaults: readonly Finding[] = body
      .filter((statement) => statement.type === "ExportDefaultDeclaration")
      .map((statement) => finding(file, file.lineOf(statement.start), "a default export has no name"));
    if (!isSystem) return file.path.endsWith(".d.ts") ? [] : defaults;
    return defaults.length === 1 ? [] : [finding(file, 1, "a room's system is its default export")];
  },
  bad: [
    ["src/kernel/one.ts", "export default 1;"],
    ["src/kernel/one.ts", "export default function one() {}"],
    ["src/systems/quality/contract.ts", "const a = 1; export default a;"],
    ["src/systems/quality/system.ts", "export const system = 1;"],
  ],
  good: [
    ["src/systems/quality/system.ts", "export default 1;"],
    ["src/kernel/system/system.ts", "export const one = 1;"],
  ],
};
