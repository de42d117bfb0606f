/**
 * Makes plain JavaScript of the verifier: one file for Node, one page for a browser. Types are stripped by Node's own
 * `stripTypeScriptTypes`; each module becomes a function that returns what it exports. Nothing else is changed, so that whoever
 * compares source and result finds the same lines.
 *
 *     node packages/verifier/build.ts FOLDER
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { basename, dirname, join } from "node:path";

export const COMMAND_NAME = "zhengtong-verifier.mjs";
export const PAGE_NAME = "zhengtong-verifier.html";

const HERE = import.meta.dirname;
const IMPORT = /^import\s+\{([^}]*)\}\s+from\s+"([^"]+)";?/gm;
const EXPORTED = /^export\s+(?:async\s+)?(?:function|const|class)\s+(\w+)/gm;
const REEXPORTED = /^export\s+\{([^}]*)\};?/gm;

interface Module {
  readonly name: string;
  readonly source: string;
}

/** The command, which any Node from 22 on runs without this repository. */
export async function buildCommand(): Promise<string> {
  const { modules, runtime } = await collect("verify.ts", {});
  return `#!/usr/bin/env node\n${runtime.join("\n")}\n${concatenate(modules)}`;
}

/** The page: opened from disk it works without any network, which its content security policy forbids. */
export async function buildPage(): Promise<string> {
  const { modules, runtime } = await collect("src/page.ts", { "crypto.ts": "browser-crypto.ts" });
  if (runtime.length > 0) throw new Error(`the page needs Node: ${runtime.join(" ")}`);
  const script = `"use strict";\n(async () => {\n${concatenate(modules)}})();\n`;
  const [template, style] = await Promise.all(
    ["page.html", "page.css"].map((file) => readFile(join(HERE, "src", file), "utf8")),
  );
  if (template === undefined || style === undefined || /<\/(?:script|style)/i.test(script + style))
    throw new Error("the page would end its own script or style");
  const digest = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = `default-src 'none'; script-src ${digest(script)}; style-src ${digest(style)}; base-uri 'none'; form-action 'none'`;
  return template
    .replace("%POLICY%", () => policy)
    .replace("<!--style-->", () => `<style>${style}</style>`)
    .replace("<!--script-->", () => `<script>${script}</script>`);
}

/** The modules that one needs, each after those that it needs itself. */
async function collect(
  entry: string,
  replaced: Readonly<Record<string, string>>,
): Promise<{ readonly modules: readonly Module[]; readonly runtime: readonly string[] }> {
  const modules = new Map<string, Module>();
  const runtime = new Set<string>();
  const visit = async (path: string): Promise<string> => {
    const file = join(dirname(path), replaced[basename(path)] ?? basename(path));
    const known = modules.get(file);
    if (known !== undefined) return known.name;
    const stripped = stripTypeScriptTypes(await readFile(join(HERE, file), "utf8")).replace(/^#!.*\n/, "");
    const needs = new Map<string, string>();
    for (const [, , from = ""] of stripped.matchAll(IMPORT)) {
      if (!from.startsWith("node:")) needs.set(from, await visit(join(dirname(file), from)));
    }
    const name = `of_${basename(file, ".ts").replaceAll("-", "_")}`;
    const body = stripped.replace(IMPORT, (whole: string, names: string, from: string) => {
      const needed = needs.get(from);
      if (needed !== undefined) return `const {${names.replaceAll(" as ", ": ")}} = ${needed};`;
      runtime.add(whole);
      return "";
    });
    const exported = [
      ...[...body.matchAll(EXPORTED)].map(([, one]) => one),
      ...[...body.matchAll(REEXPORTED)].flatMap(([, list = ""]) => list.split(",").map((one) => one.trim())),
    ].filter((one) => one !== undefined && one !== "");
    const plain = body.replace(REEXPORTED, "").replace(/^export\s+/gm, "");
    modules.set(file, { name, source: `${plain.replace(/[ \t]+$/gm, "")}\nreturn { ${exported.join(", ")} };` });
    return name;
  };
  await visit(entry);
  return { modules: [...modules.values()], runtime: [...runtime] };
}

function concatenate(modules: readonly Module[]): string {
  return modules.map(({ name, source }) => `const ${name} = await (async () => {\n${source}\n})();\n`).join("\n");
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(HERE, "dist");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, COMMAND_NAME), await buildCommand());
  await writeFile(join(folder, PAGE_NAME), await buildPage());
  console.log(`${join(folder, COMMAND_NAME)}\n${join(folder, PAGE_NAME)}`);
}
