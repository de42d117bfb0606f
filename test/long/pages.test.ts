import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Language } from "#lib/language/text";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { ARGUMENTS, CHROMIUM, chineseHeadings, tooWide, violations } from "../browser/page-checks.ts";
import { type NodeProcess, startProcess } from "../harness/node-process.ts";

/**
 * Every page that anybody of a demonstration country reaches from where he comes in, by links alone: each answers, is accessible, fits
 * its window, says its headings in the reader's language and keeps the content policy. What nobody links to, nobody finds.
 */

const WAYS = [
  { language: "zh", locale: "zh-CN", viewport: { width: 375, height: 812 } },
  { language: "en", locale: "en-GB", viewport: { width: 1280, height: 900 } },
] as const;
const DEPTH_MAX = 4;
/** Pages that must be among those that are found: an operator's, which no journey opens. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  qingyuan: [
    "/workbench/access",
    "/workbench/access/post",
    "/workbench/acme",
    "/workbench/catalogue",
    "/workbench/certificates",
    "/workbench/certificates/requests",
    "/workbench/datasets",
    "/workbench/events",
    "/workbench/exchange-watch",
    "/workbench/ferry",
    "/workbench/keys",
    "/workbench/ledger/sample",
    "/workbench/objections",
    "/workbench/powers",
    "/workbench/sealings",
    "/workbench/sharing",
    "/workbench/systems",
  ],
  centre: ["/workbench/nodes", "/workbench/nodes/joining"],
  "qingyuan-intranet": ["/workbench/ferry"],
};

interface Place {
  readonly code: string;
  readonly address: string;
  readonly signIns: readonly string[];
}

describe("every page of a country", {
  skip: CHROMIUM ? false : "no Chromium is installed; install one to run these tests",
}, () => {
  let browser: Browser;
  let country: NodeProcess;
  let places: readonly Place[];

  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS });
    country = startProcess(["zhengtong.mjs", "country"]);
    await country.said(/Ctrl-C stops it/, 600_000);
    places = placesIn(country.output());
  });
  after(async () => {
    await browser.close();
    country.child.kill("SIGTERM");
    await country.ended;
  });

  for (const way of WAYS) {
    test(`in ${way.language}, ${way.viewport.width} pixels wide`, async (context) => {
      const wrong: string[] = [];
      let count = 0;
      for (const place of places) {
        const reached = new Set<string>();
        for (const signIn of place.signIns) wrong.push(...(await walk(place, signIn, { way, reached })));
        count += reached.size;
        const missed = (OPERATORS[place.code] ?? []).filter((path) => !reached.has(path));
        wrong.push(...missed.map((path) => `${place.code}: nobody reaches ${path}`));
      }
      context.diagnostic(`${count} pages of ${places.length} nodes`);
      assert.deepEqual(wrong, []);
    });
  }

  /** One person's way. Of pages of a kind the first is looked at closely; where he comes in, and what is one step from there, is opened for each. */
  async function walk(
    place: Place,
    signIn: string,
    { way, reached }: { readonly way: (typeof WAYS)[number]; readonly reached: Set<string> },
  ): Promise<readonly string[]> {
    const { language, locale, viewport } = way;
    const context = await browser.newContext({ baseURL: place.address, locale, viewport });
    const page = await context.newPage();
    const who = `${place.code} ${signIn}`;
    const wrong: string[] = [];
    page.on(
      "console",
      (message) => message.type() === "error" && wrong.push(`${who} ${page.url()}: ${message.text()}`),
    );
    page.on("pageerror", (error) => wrong.push(`${who} ${page.url()}: ${String(error)}`));
    await page.goto("/sign-in");
    await page.fill("#signInName", signIn);
    await page.fill("#password", DEMONSTRATION_PASSWORD);
    await page.click("form[action='/sign-in'] button[type=submit]");
    await page.waitForURL(/\/(?:workbench|my)/);
    const home = new URL(page.url()).pathname;
    const part = `/${home.split("/")[1]}`;

    const waiting: { readonly href: string; readonly depth: number }[] = [{ href: home, depth: 0 }];
    for (const { href, depth } of waiting) {
      const kind = kindOf(href);
      const known = reached.has(kind);
      if (depth > 1 && known) continue;
      reached.add(kind);
      const answer = await opened(page, href);
      if (answer === "file") continue;
      if (answer?.status() !== 200) {
        wrong.push(`${who} ${href}: status ${answer?.status()}`);
        continue;
      }
      const problems = known ? await tooWide(page) : await problemsOf(page, language);
      for (const problem of problems) wrong.push(`${who} ${href}: ${problem}`);
      if (depth < DEPTH_MAX)
        waiting.push(...(await linksOf(page, part)).map((next) => ({ href: next, depth: depth + 1 })));
    }
    await context.close();
    return wrong;
  }
});

/** Opens an address; some give files. */
async function opened(page: Page, href: string) {
  return page.goto(href).catch((error: unknown) => {
    if (String(error).includes("Download is starting")) return "file" as const;
    throw error;
  });
}

/** What is wrong with a page, if anything. */
async function problemsOf(page: Page, language: Language): Promise<readonly string[]> {
  return [
    ...(await violations(page)),
    ...(await tooWide(page)),
    ...(language === "en" ? (await chineseHeadings(page)).map((words) => `Chinese heading: ${words}`) : []),
  ];
}

/** Links into the same part of the site that lead to pages. */
async function linksOf(page: Page, part: string): Promise<readonly string[]> {
  const links = await page.evaluate<string[]>(
    `[...document.querySelectorAll("a[href^='/']:not([download])")].map((link) => link.getAttribute("href"))`,
  );
  return links.filter((link) => link.startsWith(part));
}

/** Pages of one kind are looked at once: `/workbench/cases/019…` and `/workbench/cases/018…` are. */
function kindOf(href: string): string {
  const path = href.replace(/[?#].*$/, "");
  const parts = path.split("/").map((part) => (/^\d+$|[0-9a-f-]{20,}|^[0-9A-Z]{15,}$/.test(part) ? ":id" : part));
  return parts.join("/");
}

/** The nodes as the program lists them: a code's address, and who signs in there. */
function placesIn(output: string): readonly Place[] {
  const codes: Readonly<Record<string, string>> = {
    "Centre (sample)": "centre",
    "Yanshi Province (sample)": "yanshi-province",
    "Yanshi City (sample)": "yanshi-city",
    "Qingyuan County (sample)": "qingyuan",
    "Qingyuan County, intranet (sample)": "qingyuan-intranet",
  };
  const listed = [...output.matchAll(/^\S+ {2}(.+?) {2}(http:\/\/\S+)\n {4}(.+)$/gmu)];
  const places = listed.map(([, name = "", address = "", people = ""]) => {
    const signIns = people.split("、").map((one) => one.replace(/（.*$/u, ""));
    return { code: codes[name] ?? name, address, signIns };
  });
  assert.equal(places.length, Object.keys(codes).length, output);
  return places;
}
