import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { text } from "#lib/language/text";
import { defineFaults, Fault, type FaultCode, faultText, assert as holds, isFault } from "./fault.ts";
import "./faults.ts";

const SOURCE = join(import.meta.dirname, "../..");
/** `lib` and `ui` cannot import the kernel: their errors have codes of their own. */
const BELOW_THE_KERNEL = /^(?:lib|ui)\//;
const CODE = /["'`](ERR_[A-Z0-9_]+)["'`]/g;

describe("faults", () => {
  test("carry a stable code, what happened and its cause", () => {
    const cause = new Error("disk");
    const fault = new Fault("ERR_ASSERTION", { message: "two is one", cause });
    assert.equal(fault.code, "ERR_ASSERTION");
    assert.match(fault.message, /two is one/);
    assert.equal(fault.cause, cause);
    assert.ok(isFault(fault) && isFault(fault, "ERR_ASSERTION"));
    assert.ok(!isFault(cause) && !isFault(fault, "ERR_OTHER"));
  });

  test("assert throws where it was called", () => {
    holds(true, "never");
    assert.throws(() => holds(0, "zero is false"), { code: "ERR_ASSERTION", message: /zero is false/ });
  });

  test("cannot be declared twice or under a malformed code", () => {
    assert.throws(() => defineFaults({ ERR_ASSERTION: text("一", "one") }), /declared twice/);
    assert.throws(() => defineFaults({ "ERR_lower case": text("一", "one") }), /not of the form/);
  });
});

describe("the table of faults", () => {
  const declared = new Set<string>();
  const used = new Map<string, string>();
  const below = new Set<string>();
  before(async () => {
    for await (const path of glob("**/*.ts", { cwd: SOURCE })) {
      if (BELOW_THE_KERNEL.test(path)) {
        for (const [, code] of (await readFile(join(SOURCE, path), "utf8")).matchAll(CODE)) below.add(code ?? "");
        continue;
      }
      if (/\.(?:prop\.|db\.|access\.)?test\.ts$/.test(path) || path.endsWith(".d.ts")) continue;
      const codes = [...(await readFile(join(SOURCE, path), "utf8")).matchAll(CODE)].map(([, code]) => code ?? "");
      if (path.endsWith("faults.ts")) await import(join(SOURCE, path));
      else for (const code of codes) used.set(code, path);
      if (path.endsWith("faults.ts")) {
        for (const [, code] of (await readFile(join(SOURCE, path), "utf8")).matchAll(/\b(ERR_[A-Z0-9_]+):/g)) {
          declared.add(code ?? "");
        }
      }
    }
    assert.ok(declared.size > 10 && used.size > 10, "the test found the source");
  });

  test("declares each code that the source uses, in zh and en", () => {
    // ERR_… of Node's own errors are compared, never thrown by us.
    const missing = [...used].filter(
      ([code]) => faultText(code as FaultCode) === undefined && !NODE_CODES.has(code) && !below.has(code),
    );
    assert.deepEqual(missing, []);
  });

  test("declares no code that nothing uses", () => {
    assert.deepEqual(
      [...declared].filter((code) => !used.has(code)),
      [],
    );
  });
});

const NODE_CODES = new Set(["ERR_STREAM_PREMATURE_CLOSE", "ERR_INVALID_URL", "ERR_MODULE_NOT_FOUND", "ERR_PARSE_ARGS"]);
