import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { LANGUAGES } from "#lib/language/text";
import { COMPONENTS, reviewPage } from "#ui/review";

/** Folders that hold parts which other components share and which nobody uses alone. */
const PARTS = new Set(["choice", "form-group"]);

test("every component has examples on the review page", () => {
  const folders = readdirSync(new URL("./components/", import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !PARTS.has(entry.name))
    .map((entry) => entry.name);
  assert.ok(folders.length > 40);
  assert.deepEqual(Object.keys(COMPONENTS).sort(), folders.sort());
  for (const [name, examples] of Object.entries(COMPONENTS)) assert.ok(examples.length > 0, name);
});

test("the review page renders in both languages, with no inline script or style", () => {
  for (const language of LANGUAGES) {
    const page = String(reviewPage({ language, path: "/components" }));
    assert.match(page, /^<!DOCTYPE html>/);
    assert.doesNotMatch(page, /\sstyle="|<style|\son[a-z]+="|undefined|\[object/);
    assert.equal(page.match(/<script/g)?.length, 1);
  }
  assert.equal(reviewPage({ language: "zh", path: "/components", component: "nothing" }), undefined);
  assert.equal(reviewPage({ language: "zh", path: "/components", component: "toString" }), undefined);
});
