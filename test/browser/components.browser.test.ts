import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Browser, chromium } from "playwright-core";
import { html } from "#lib/html/html";
import { LANGUAGES, type Language } from "#lib/language/text";
import { assets } from "#ui/assets";
import { examples as decisionExamples } from "#ui/components/decision/examples";
import { examples as heroExamples } from "#ui/components/hero/examples";
import { sampleNotice } from "#ui/components/notice/examples";
import { type FaultKind, faultContent, faultTitle } from "#ui/layouts/fault";
import { paperPage } from "#ui/layouts/paper";
import { type PageOptions, portalPage } from "#ui/layouts/portal";
import { CONTENT_SECURITY_POLICY } from "#ui/layouts/shell";
import { workbenchPage } from "#ui/layouts/workbench";
import { COMPONENTS, reviewPage } from "#ui/review";
import { ARGUMENTS, CHROMIUM, tooWide, violations } from "./page-checks.ts";

const ORIGIN = "http://components.test";
const PHONE = { width: 375, height: 812 };
const DESK = { width: 1280, height: 900 };

function common(language: Language, title: string): PageOptions {
  const navigation = {
    zh: ["办事", "公开", "互动", "核验", "我的"],
    en: ["Services", "Open data", "Take part", "Verify", "My account"],
  };
  return {
    language,
    title,
    siteName: { zh: "清源县政务服务", en: "Qingyuan Services" }[language],
    demonstration: true,
    homeHref: "/",
    languageHref: "/",
    navigation: navigation[language].map((name, index) => ({ href: "#", text: name, current: index === 0 })),
    account: {
      name: "堃某某",
      role: "翠竹小吃店",
      href: "#",
      signOut: { action: "/sign-out", token: html`<input type="hidden" name="token" value="x">` },
    },
    footer: {
      authority: "清源县人民政府（演示）",
      links: [{ href: "#", text: { zh: "隐私", en: "Privacy" }[language] }],
    },
    breadcrumbs: [{ href: "#", text: { zh: "我的", en: "My account" }[language] }, { text: title }],
    main: html`<h1>${title}</h1>`,
  };
}

/** Pages by path: every component, then every layout. */
function pageAt(path: string, language: Language) {
  const [hero, decision] = [heroExamples[0]?.render(language), decisionExamples[0]?.render(language)];
  const title = { zh: "标题", en: "A title" }[language];
  const kind: FaultKind = "broken";
  switch (path) {
    case "/components":
      return reviewPage({ language, path });
    case "/home":
      return portalPage({ ...common(language, title), hero, main: html`<h2>${title}</h2>` });
    case "/page":
      return portalPage({ ...common(language, title), account: undefined, signInHref: "#" });
    case "/workbench":
      return workbenchPage({ ...common(language, title), main: html`${decision}` });
    case "/paper":
      return paperPage({ ...common(language, title), backHref: "#", documents: [sampleNotice(language)] });
    default:
      return portalPage({
        ...common(language, faultTitle(kind, language)),
        main: faultContent({ language, kind, reference: "7f3a", homeHref: "/" }),
      });
  }
}

const LAYOUTS = ["/home", "/page", "/workbench", "/paper", "/fault"] as const;

describe("components in a browser", {
  skip: CHROMIUM ? false : "no Chromium is installed; install one to run these tests",
}, () => {
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS });
  });
  after(async () => {
    await browser.close();
  });

  async function open(path: string, language: Language, viewport: typeof PHONE, javaScriptEnabled = true) {
    const context = await browser.newContext({ viewport, javaScriptEnabled });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.route("**/*", (route) => {
      const asked = new URL(route.request().url()).pathname;
      const asset = Object.values(assets()).find((one) => one.path === asked);
      if (asset) return route.fulfill({ body: asset.body, contentType: asset.type });
      if (asked !== path) return route.fulfill({ status: 404, body: "" });
      const headers = { "content-security-policy": CONTENT_SECURITY_POLICY };
      return route.fulfill({ body: String(pageAt(path, language)), contentType: "text/html; charset=utf-8", headers });
    });
    await page.goto(ORIGIN + path);
    return { page, problems, close: () => context.close() };
  }

  for (const language of LANGUAGES) {
    test(`every example in ${language} is accessible, keeps the content policy and fits a phone`, async () => {
      const { page, problems, close } = await open("/components", language, DESK);
      const shown = Object.values(COMPONENTS).reduce((count, examples) => count + examples.length, 0);
      assert.equal(await page.locator(".zt-example").count(), shown);
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(problems, []);
      assert.equal(await page.evaluate("document.body.classList.contains('govuk-frontend-supported')"), true);
      await page.setViewportSize(PHONE);
      assert.deepEqual(await tooWide(page), []);
      await close();
    });

    for (const path of LAYOUTS) {
      test(`the layout ${path} in ${language} is accessible and fits a phone`, async () => {
        const { page, problems, close } = await open(path, language, PHONE);
        assert.deepEqual(await violations(page), []);
        assert.deepEqual(await tooWide(page), []);
        assert.deepEqual(problems, []);
        await close();
      });
    }
  }

  test("without a script the navigation of a phone shows every link", async () => {
    const { page, close } = await open("/home", "en", PHONE, false);
    const links = page.locator(".zt-nav a");
    assert.equal(await links.count(), 5);
    for (const link of await links.all()) assert.equal(await link.isVisible(), true);
    await close();
  });

  test("a receipt opens its proof in words first, without a script", async () => {
    const { page, close } = await open("/components", "zh", DESK, false);
    const proof = page.locator("#receipt-example-2 .zt-receipt__proof");
    assert.equal(await proof.isVisible(), false);
    await page.locator("#receipt-example-2 summary").first().click();
    assert.equal(await proof.locator("li").first().isVisible(), true);
    assert.equal(await proof.locator("dd").first().isVisible(), false);
    await close();
  });
});
