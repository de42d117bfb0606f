import assert from "node:assert/strict";
import { access, glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");
const ELSEWHERE = ["**/node_modules/**", "**/dist/**", ".git/**", ".zhengtong/**", "coverage/**"];

async function pathsOf(pattern: string): Promise<readonly string[]> {
  const found = await Array.fromAsync(glob(pattern, { cwd: ROOT, exclude: ELSEWHERE }));
  return found.map((path) => path.replaceAll("\\", "/")).sort();
}

/** `[words](target)`, outside of code. */
const LINK = /\[[^\]]*\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g;

function linksOf(markdown: string): readonly string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(LINK)].flatMap((match) => match[1] ?? []);
}

/** The anchor that a heading gets: lower case, without marks, spaces as hyphens. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = markdown.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .trim()
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/\s/g, "-"),
    ),
  );
}

async function brokenLinks(path: string, markdown: string): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const link of linksOf(markdown)) {
    if (/^(?:https?|mailto):/.test(link)) continue;
    const [file = "", anchor] = decodeURI(link).split("#");
    const target = file === "" ? join(ROOT, path) : join(ROOT, dirname(path), file);
    const present = await access(target).then(
      () => true,
      () => false,
    );
    const text = present && anchor && target.endsWith(".md") ? await readFile(target, "utf8") : undefined;
    if (!present || (text !== undefined && anchor && !anchorsOf(text).has(anchor))) broken.push(`${path}: ${link}`);
  }
  return broken;
}

describe("documents", () => {
  test("every link within the repository leads somewhere, because a reader who is sent nowhere stops reading", async () => {
    const paths = await pathsOf("**/*.md");
    assert.notEqual(paths.length, 0, "the rule has examined no file");
    const broken: string[] = [];
    for (const path of paths) broken.push(...(await brokenLinks(path, await readFile(join(ROOT, path), "utf8"))));
    assert.deepEqual(broken, []);
  });

  test("a broken link or anchor is found", async () => {
    const markdown = "[a](missing.md) [b](package.json) [c](#nowhere) `[d](code.md)`\n\n[e](https://example.test)";
    assert.deepEqual(await brokenLinks("README.md", markdown), ["README.md: missing.md", "README.md: #nowhere"]);
    assert.ok(anchorsOf("# 一 One, two").has("一-one-two"));
  });
});

/** Hosts of package registries and their mirrors: where packages come from is the operator's to say. */
const REGISTRY_HOST =
  /\b(?:registry|npm|mirrors?|packages)\.[a-z0-9-]+\.(?:com|org|cn|io|net)\b|\bnpmmirror\b|\bregistry\.npmjs\b/;

describe("the lock file and everything else", () => {
  test("name no registry host, because each operator has his own, and a lock file must install from any", async () => {
    const paths = [
      ...(await pathsOf("{package.json,package-lock.json,.npmrc,*.mjs,*.md,.ci/**}")),
      ...(await pathsOf("{src,packages,test,bench,docs}/**/*.{ts,mjs,json,md}")),
    ];
    assert.ok(paths.includes("package-lock.json"), "the rule has not examined the lock file");
    const own = "test/arch/documents.test.ts";
    const found: string[] = [];
    for (const path of paths) {
      const text = path === own ? "" : await readFile(join(ROOT, path), "utf8").catch(() => "");
      if (REGISTRY_HOST.test(text)) found.push(path);
    }
    assert.deepEqual(found, []);
  });

  test("such a host is found", () => {
    assert.match('"resolved": "https://registry.npmjs.org/zod"', REGISTRY_HOST);
    assert.match("registry=https://mirrors.example.com/npm", REGISTRY_HOST);
    assert.doesNotMatch("the registry of rooms", REGISTRY_HOST);
  });
});

/** `0001-person.sql` */
const MIGRATION = /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;

function migrationFaults(names: readonly string[]): readonly string[] {
  const sorted = [...names].sort();
  return sorted.flatMap((name, index) => {
    const number = MIGRATION.exec(name)?.[1];
    if (number === undefined) return [`${name} is not named like 0001-person.sql`];
    return Number(number) === index + 1 ? [] : [`${name} should be number ${index + 1}`];
  });
}

describe("decisions", () => {
  test("are numbered once each, because others cite them by number", async () => {
    const names = (await pathsOf("docs/decisions/*.md")).map((path) => path.slice("docs/decisions/".length));
    assert.notEqual(names.length, 0, "the rule has examined no decision");
    assert.deepEqual(migrationFaults(names.map((name) => name.replace(/\.md$/, ".sql"))), []);
  });

  test("have a context, a decision and consequences, in half a page", async () => {
    for (const path of await pathsOf("docs/decisions/*.md")) {
      const text = await readFile(join(ROOT, path), "utf8");
      for (const part of ["**Context.**", "**Decision.**", "**Consequences.**"])
        assert.ok(text.includes(part), `${path}: ${part}`);
      assert.ok(text.split("\n").length <= 40, `${path} is longer than half a page`);
    }
  });
});

/** What a page of docs/protocols lacks. */
function protocolFaults(text: string): readonly string[] {
  return [
    ...(IDENTIFIER.test(text) ? [] : ["an identifier"]),
    ...(VECTORS.test(text) ? [] : ["its vectors, by a path"]),
    ...(text.includes("\n## What it guarantees\n") ? [] : ["what it guarantees"]),
  ];
}
const IDENTIFIER = /\bIdentifier: `([A-Za-z-]+(?:\/\d+)?)`/;
const VECTORS = /\bVectors: [^`]*`((?:conformance|src)\/[^`]+)`/;

describe("protocols", () => {
  test("have an identifier of their own, vectors that are there, and what they guarantee, so that others can join", async () => {
    const paths = await pathsOf("docs/protocols/*.md");
    assert.notEqual(paths.length, 0, "the rule has examined no protocol");
    const identifiers = new Set<string>();
    for (const path of paths) {
      const text = await readFile(join(ROOT, path), "utf8");
      assert.deepEqual(protocolFaults(text), [], path);
      identifiers.add(IDENTIFIER.exec(text)?.[1] ?? "");
      await access(join(ROOT, VECTORS.exec(text)?.[1] ?? ""));
    }
    assert.equal(identifiers.size, paths.length, "an identifier twice");
    assert.deepEqual(protocolFaults("# A page\nVersion 1."), [
      "an identifier",
      "its vectors, by a path",
      "what it guarantees",
    ]);
  });
});

describe("migrations", () => {
  test("are numbered 0001, 0002 … once each, because two of one number would run in any order", async () => {
    const paths = await pathsOf("src/**/migrations/*");
    const folders = Map.groupBy(paths, (path) => dirname(path));
    assert.notEqual(folders.size, 0, "the rule has examined no folder");
    const faults = [...folders].flatMap(([folder, files]) =>
      migrationFaults(files.map((path) => path.slice(folder.length + 1))).map((fault) => `${folder}: ${fault}`),
    );
    assert.deepEqual(faults, []);
  });

  test("a gap, a repetition or another name is found", () => {
    assert.deepEqual(migrationFaults(["0001-one.sql", "0002-two.sql"]), []);
    assert.equal(migrationFaults(["0001-one.sql", "0003-three.sql"]).length, 1);
    assert.equal(migrationFaults(["0001-one.sql", "0001-other.sql"]).length, 1);
    assert.equal(migrationFaults(["one.sql"]).length, 1);
  });
});
