import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { type Html, trusted } from "#lib/html/html";
import { normalised } from "#ui/testing/normalised";

interface Fixture {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly html: string;
}

/** Pairs of options in govuk-frontend's macros that are one `Content` option in ours. */
const PAIRS: readonly (readonly [text: string, markup: string, ours: string])[] = [
  ["text", "html", "text"],
  ["titleText", "titleHtml", "title"],
  ["summaryText", "summaryHtml", "summary"],
  ["descriptionText", "descriptionHtml", "description"],
];

/** Options whose `{ text }` or `{ html }` is plain `Content` in ours. */
const CONTENT_OPTIONS = /^(before|after)Inputs?$|^conditional$/;

/**
 * Runs every fixture that govuk-frontend publishes for a component, hidden ones too, against our function.
 * @param component the folder's name in govuk-frontend
 */
export function testFixtures(component: string, render: (options: never) => Html): void {
  const path = createRequire(import.meta.url).resolve(
    `govuk-frontend/dist/govuk/components/${component}/fixtures.json`,
  );
  const { fixtures } = JSON.parse(readFileSync(path, "utf8")) as { fixtures: Fixture[] };
  assert.ok(fixtures.length > 0, `no fixture of ${component} was found`);
  for (const fixture of fixtures) {
    test(`${component}: ${fixture.name}`, () => {
      const ours = String(render(adapted(fixture.options) as never));
      assert.deepEqual(normalised(ours), normalised(fixture.html));
    });
  }
}

function adapted(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => adapted(item));
  if (typeof value !== "object" || value === null) return value;
  if (/attributes$/i.test(key)) return stringified(value);
  const source = value as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const name in source) result[name] = adapted(source[name], name);
  for (const [text, markup, ours] of PAIRS) {
    const content = source[markup] ? trusted(String(source[markup]).trim()) : source[text];
    delete result[text];
    delete result[markup];
    // A number is written as text by a Nunjucks template.
    if (content !== undefined && content !== null)
      result[ours] = typeof content === "number" ? String(content) : content;
  }
  return CONTENT_OPTIONS.test(key) ? result["text"] : result;
}

/** A Nunjucks template writes `true` and `false` as words; in ours they mean present and absent. */
function stringified(attributes: object): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
}
