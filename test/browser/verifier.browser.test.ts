import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { buildPage, PAGE_NAME } from "../../packages/verifier/build.ts";
import { ARGUMENTS, CHROMIUM, tooWide, violations } from "./page-checks.ts";

const VECTORS = join(import.meta.dirname, "../../conformance/vectors");

interface Case {
  readonly file?: string;
  readonly expect: string;
  readonly code: string;
  readonly roots?: readonly string[];
  readonly jwk?: unknown;
  readonly logKey?: string;
  readonly checkpoint?: string;
  readonly at: string;
}

const { cases } = JSON.parse(readFileSync(join(VECTORS, "cases.json"), "utf8")) as { readonly cases: readonly Case[] };
/** The page takes no JWK; everything else that the command takes it takes too. */
const shownCases = cases.filter(({ file, jwk }) => file !== undefined && jwk === undefined);

describe("the verifier as a page from disk", { skip: CHROMIUM ? false : "no Chromium is installed" }, () => {
  let browser: Browser;
  let page: Page;
  const folder = mkdtempSync(join(tmpdir(), "zhengtong-verifier-"));
  const asked: string[] = [];
  const faults: string[] = [];

  before(async () => {
    const file = join(folder, PAGE_NAME);
    writeFileSync(file, await buildPage());
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: ARGUMENTS });
    const context = await browser.newContext({
      offline: true,
      locale: "en-GB",
      timezoneId: "UTC",
      viewport: { width: 375, height: 812 },
    });
    page = await context.newPage();
    page.on("request", (request) => asked.push(request.url()));
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    await page.goto(pathToFileURL(file).href);
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const trusts = Map.groupBy(shownCases, ({ roots, logKey, checkpoint, at }) =>
    JSON.stringify({ roots: roots ?? [], logKey: logKey ?? "", checkpoint: checkpoint ?? "", at }),
  );

  test("says of every vector what the command says, with the network off", async () => {
    assert.ok(trusts.size > 3);
    for (const [trust, group] of trusts) {
      const { roots, logKey, checkpoint, at } = JSON.parse(trust) as Required<Case>;
      await page.setInputFiles(
        "#roots",
        roots.map((file) => join(VECTORS, file)),
      );
      await page.fill("#log-key", logKey);
      await page.fill("#checkpoint", checkpoint);
      await page.fill("#at", at.slice(0, 16));
      await page.setInputFiles(
        "#files",
        group.map(({ file = "" }) => join(VECTORS, file)),
      );
      await page.click("#go");
      await page.locator("#go:enabled").waitFor();
      const found = await page.evaluate<{ verdict: string; codes: string[] }[]>(
        `[...document.querySelectorAll(".report")].map((one) => ({
          verdict: one.classList[1], codes: [...one.querySelectorAll("li")].map(({ dataset }) => dataset.code) }))`,
      );
      assert.equal(found.length, group.length);
      for (const [place, { file, expect, code }] of group.entries()) {
        assert.equal(found[place]?.verdict, expect, `${file}: ${found[place]?.codes}`);
        assert.ok(found[place]?.codes.includes(code), `${file}: ${code} in ${found[place]?.codes}`);
      }
    }
  });

  test("asked nothing of any network, raised no fault, and can be read by everyone", async () => {
    assert.deepEqual(
      asked.filter((address) => !address.startsWith("file:")),
      [],
    );
    assert.deepEqual(faults, []);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(await tooWide(page), []);
    await page.fill("#log-key", "nonsense");
    await page.click("#go");
    await page.getByText("The log's key is malformed").waitFor();
    await page.click("#language");
    await page.getByText("日志公钥格式有误").waitFor();
    assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
  });
});
