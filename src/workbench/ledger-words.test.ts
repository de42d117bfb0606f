import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { LEDGER_PARTS, PARTS } from "./ledger-words.ts";

const SOURCE = join(import.meta.dirname, "..");
/** An entry's operation that is no operation of a contract: those are one word. */
const ENTERED = /\boperation: "([a-z]+(?:-[a-z]+)+)"/g;
/** Kinds of events of keys and certificates, in the unions that declare them. */
const EVENTS = /\|?\s*"((?:key|certificate|document|record|credential|node|time)-[a-z-]+)"/g;
const UNIONS = ["infrastructure/trust/key-event.ts", "infrastructure/trust/certificates/certificate-log.ts"];

test("whatever is entered into the ledger beside operations of contracts has words for its reader", async () => {
  const entered = new Set<string>();
  for await (const path of glob("**/*.ts", { cwd: SOURCE })) {
    if (path.endsWith(".test.ts")) continue;
    const source = await readFile(join(SOURCE, path), "utf8");
    for (const [, name = ""] of source.matchAll(ENTERED)) entered.add(name);
  }
  assert.ok(entered.has("records-erased"), "the test finds what is entered");
  for (const path of UNIONS) {
    const source = await readFile(join(SOURCE, path), "utf8");
    const [, union = ""] = /(?:readonly what:|type LoggedEvent =)([^;]+);/.exec(source) ?? [];
    for (const [, name = ""] of union.matchAll(EVENTS)) entered.add(name);
  }
  assert.ok(entered.has("key-made") && entered.has("certificate-revoked"), "the test finds the events");
  assert.deepEqual(
    [...entered].filter((name) => !(name in PARTS) && !(name in LEDGER_PARTS)),
    [],
  );
});
