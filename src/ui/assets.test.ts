import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { assets } from "#ui/assets";
import { reviewPage } from "#ui/review";
import { stylesheet } from "#ui/stylesheet";

/** The house's limit for what we write ourselves, compressed (shared/look). */
const OURS_AT_MOST_BYTES = 12_000;
const FIRST_VIEW_AT_MOST_BYTES = 60_000;

test("our own stylesheet stays small", () => {
  assert.ok(gzipSync(stylesheet().ours, { level: 9 }).length < OURS_AT_MOST_BYTES);
});

test("the stylesheet fetches nothing and carries neither the font nor the crest of another government", () => {
  const { css } = stylesheet();
  assert.doesNotMatch(css, /GDS Transport|crest|@font-face|@import|@charset/);
  for (const [, address] of css.matchAll(/url\(["']?([^)"']*)/g)) assert.match(address as string, /^data:image\/svg/);
  assert.ok(css.startsWith("@layer elements{"));
  for (const used of [".govuk-radios__label", ".govuk-error-summary", ".govuk-tabs__tab", ".zt-clock__bar"]) {
    assert.ok(css.includes(used), used);
  }
  for (const dropped of [".govuk-header", ".govuk-footer", ".govuk-accordion"])
    assert.ok(!css.includes(dropped), dropped);
});

test("a whole first view stays under 60 kB compressed, even that of the longest page", () => {
  const { stylesheet: sheet, behaviour, enhance, mark } = assets();
  const page = gzipSync(String(reviewPage({ language: "zh", path: "/components" }))).length;
  const total = [sheet, behaviour, enhance, mark].reduce((sum, one) => sum + one.gzip.length, page);
  assert.ok(total < FIRST_VIEW_AT_MOST_BYTES, String(total));
});

test("an asset's address changes with its body", () => {
  assert.match(assets().stylesheet.path, /^\/assets\/zhengtong-[a-z0-9]+\.css$/);
  assert.ok(assets().enhance.body.toString().includes(assets().behaviour.path));
});
