import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import {
  confinedCryptography,
  confinedDatabase,
  importZones,
  noBarrels,
  noCircles,
  noDefaultExports,
  relativeImports,
  standAloneVerifier,
} from "./import-rules.ts";
import { fileLength, fileNames, roomShape, USUAL_LINES } from "./naming-rules.ts";
import { exampleHouse, type Finding, type House, houseOf, type Rule } from "./rule.ts";
import { sourceFile } from "./source-file.ts";
import { kernelNamesNoRoom, noSilentSkips, nothingLeftOver, pureLibrary, threeStreams } from "./writing-rules.ts";

const ROOT = join(import.meta.dirname, "../..");

const RULES: readonly Rule[] = [
  importZones,
  relativeImports,
  noCircles,
  noBarrels,
  noDefaultExports,
  confinedCryptography,
  confinedDatabase,
  standAloneVerifier,
  kernelNamesNoRoom,
  pureLibrary,
  threeStreams,
  fileNames,
  fileLength,
  roomShape,
  noSilentSkips,
  nothingLeftOver,
];

let house: House;

before(async () => {
  const found = glob(["{src,packages,test,bench,conformance}/**/*.ts"], {
    cwd: ROOT,
    exclude: ["**/node_modules/**", "**/dist/**"],
  });
  const paths = (await Array.fromAsync(found)).map((path) => path.replaceAll("\\", "/")).sort();
  house = houseOf(
    await Promise.all(paths.map(async (path) => sourceFile(path, await readFile(join(ROOT, path), "utf8")))),
  );
});

for (const rule of RULES) {
  describe(rule.name, () => {
    test(`holds, because ${rule.because}`, () => {
      const examined = [...house.files.values()].filter((file) => rule.applies(file.path));
      assert.notEqual(examined.length, 0, "the rule has examined no file");
      const findings = examined.flatMap((file) => rule.check(file, house));
      assert.equal(findings.length, 0, `\n${listed(findings)}\n`);
    });

    for (const [index, example] of rule.bad.entries()) {
      test(`catches ${example[0]}, example ${index + 1}`, () => {
        const found = judge(rule, example);
        assert.notEqual(found.length, 0, example[1]);
      });
    }
    for (const example of rule.good) {
      test(`passes ${example[0]}`, () => assert.deepEqual(judge(rule, example), []));
    }
  });
}

function judge(rule: Rule, [path, text]: readonly [string, string]): readonly Finding[] {
  const examples = exampleHouse([[path, text]]);
  assert.ok(rule.applies(path), `the rule does not look at ${path}`);
  return rule.check(examples.files.get(path) ?? assert.fail(), examples);
}

function listed(findings: readonly Finding[]): string {
  return findings.map(({ path, line, message }) => `${path}:${line} ${message}`).join("\n");
}

test("a file that does not parse is not passed", () => {
  assert.throws(() => sourceFile("src/kernel/broken.ts", "const = ;"), /does not parse/);
});

test("longer files are reported", (t) => {
  const long = [...house.files.values()].filter((file) => file.lines > USUAL_LINES);
  for (const file of long) t.diagnostic(`${file.path} has ${file.lines} lines`);
});
