import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";

/** The tables that map security to standards name what exists: a row that says it is met names the test or document that shows it. */

const ROOT = join(import.meta.dirname, "../..");
const TABLES = ["asvs-5.0", "gbt-22239-level-3", "gbt-39786-level-3"];
const PAGES = [...TABLES, "personal-information", "architecture"];
const STATES = new Set(["met", "part", "gap", "n/a"]);

/** How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has: chapter by chapter, section by section. */
const ASVS: readonly (readonly number[])[] = [
  [2, 9, 11, 3, 2],
  [3, 3, 4, 1],
  [0, 2, 4, 6, 5, 0, 2],
  [3, 1, 2, 4],
  [1, 3, 2, 3],
  [3, 12, 4, 4, 5, 3, 0, 4],
  [3, 4, 2, 5, 2, 2],
  [2, 3, 1, 1],
  [3, 4],
  [2, 2, 4, 11, 5, 2, 3],
  [2, 3, 3, 4, 1, 1, 0],
  [3, 2, 4],
  [1, 5, 2, 5],
  [2, 4, 3],
  [3, 3, 7, 0],
  [1, 5, 4, 3, 3],
  [1, 4, 2],
];

const pageOf = (name: string) => readFile(join(ROOT, "docs/security", `${name}.md`), "utf8");

const rowsOf = (page: string) =>
  page
    .split("\n")
    .filter((line) => /^\| \d/.test(line))
    .map((line) => {
      const [, number = "", asked = "", state = "", how = ""] = line.split(" | ").join("|").split("|");
      return { number: number.trim(), asked: asked.trim(), state: state.trim(), how: how.trim() };
    });

const pathsIn = (text: string) =>
  [...text.matchAll(/`((?:docs|src|test|packages|conformance|bench)\/[^`*]+|[A-Z]+\.md)`/g)].map(
    ([, path]) => path ?? "",
  );

describe("the tables of security", () => {
  for (const name of TABLES) {
    test(`${name}: a row is met by what exists, or says what is missing`, async () => {
      const rows = rowsOf(await pageOf(name));
      assert.ok(rows.length > 10);
      for (const { number, asked, state, how } of rows) {
        assert.ok(STATES.has(state) && asked !== "" && how !== "", `${number}: ${state}`);
        if (state === "met") assert.ok(pathsIn(how).length > 0, `${number} names no test or document`);
        if (state === "part") assert.match(how, /Gap|see \d|as \d/, `${number} says what is missing`);
      }
      assert.equal(new Set(rows.map(({ number }) => number)).size, rows.length, "no number twice");
    });
  }

  for (const name of PAGES) {
    test(`${name}: what it names exists`, async () => {
      const missing = pathsIn(await pageOf(name)).filter((path) => !existsSync(join(ROOT, path)));
      assert.deepEqual(missing, []);
    });
  }

  test("ASVS: no requirement of levels 1 and 2 is left out", async () => {
    const found = new Map<string, number>();
    for (const { number } of rowsOf(await pageOf("asvs-5.0"))) {
      const section = number.split(".").slice(0, 2).join(".");
      found.set(section, (found.get(section) ?? 0) + 1);
    }
    const wanted = ASVS.flatMap((sections, chapter) =>
      sections.flatMap((count, section) => (count === 0 ? [] : [[`${chapter + 1}.${section + 1}`, count] as const])),
    );
    assert.deepEqual([...found], wanted);
  });
});
