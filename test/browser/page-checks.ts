import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { BrowserContext, Page } from "playwright-core";

/** The installed browser; undefined where there is none, and the tests that need one skip. */
export const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
export const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const assetBytes = new Map<string, number>();

/** As the server sends them: a page is compressed for each reader, quickly, and an asset once, well. */
const PAGE_GZIP_LEVEL = 4;
const ASSET_QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
/** The first view of any page, compressed. */
export const FIRST_VIEW_MAX_BYTES = 60_000;

/** A page with its stylesheet and scripts, as a browser fetches them the first time. */
export async function firstViewBytes(context: BrowserContext, page: Page): Promise<number> {
  let bytes = gzipSync(await page.content(), { level: PAGE_GZIP_LEVEL }).length;
  const linked = await page.evaluate<string[]>(
    `[...document.querySelectorAll("link[href^='/assets/'], script[src]")].map((one) => one.href || one.src)`,
  );
  for (const address of linked) {
    const known =
      assetBytes.get(address) ??
      brotliCompressSync(await (await context.request.get(address)).body(), ASSET_QUALITY).length;
    assetBytes.set(address, known);
    bytes += known;
  }
  return bytes;
}

/** Headings and labels of an English page that are in Chinese. Names of people, firms and registers' values may be; so may what a row of a table is about. */
export async function chineseHeadings(page: Page): Promise<string[]> {
  return page.evaluate<
    string[]
  >(`[...document.querySelectorAll("main h1, main h2, main label, main legend, main dt, main button, main th:not([scope=row])")]
    .filter((one) => !one.closest(".zt-identities, .zt-card, .zt-files, form[action$='/review'] legend") && /[\\u4e00-\\u9fff]/.test(one.textContent))
    .map((one) => one.textContent.slice(0, 80))`);
}

/** What axe finds wrong on the whole page, as readable lines. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(
    async ({ rules }) => {
      const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResult> } };
      const result = await axe.run({ runOnly: rules, resultTypes: ["violations"] });
      return result.violations.flatMap((one) =>
        one.nodes.map(
          (node) => `${one.id}: ${node.target.join(" ")} ${node.html.slice(0, 120)} ${node.failureSummary ?? ""}`,
        ),
      );
    },
    { rules: RULES },
  );
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly {
      readonly html: string;
      readonly target: readonly string[];
      readonly failureSummary?: string;
    }[];
  }[];
}

/** Elements that reach beyond the window, when the page scrolls sideways. */
export async function tooWide(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .map((element) => element.outerHTML.slice(0, 120));
  })()`);
}

/** Enters the code that the page shows in a demonstration; what was sent before then goes on by itself. */
export async function proveWhoItIs(page: Page): Promise<void> {
  await page.waitForURL(/\/sign-in\/step-up/);
  const shown = (await page.locator(".govuk-inset-text").textContent()) ?? "";
  await page.fill("#code", /\d{6}/.exec(shown)?.[0] ?? "");
  await page.click("form[action='/sign-in/step-up'] button[type=submit]");
}
