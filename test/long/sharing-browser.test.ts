import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Language } from "#lib/language/text";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { ARGUMENTS, CHROMIUM, chineseHeadings, tooWide, violations } from "../browser/page-checks.ts";
import { type LicensingCounty, licensingCounty } from "../federation/licensing-county.ts";

const PHONE = { width: 375, height: 812 };
const LOCALES = { zh: "zh-CN", en: "en-GB" } as const;
const RESOURCE = "population.findPersonForCase";

describe("sharing data in a browser, without JavaScript", {
  skip: CHROMIUM ? false : "no Chromium is installed; install one to run these tests",
}, () => {
  let browser: Browser;
  let county: LicensingCounty;

  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS });
    county = await licensingCounty();
  });
  after(async () => {
    await browser.close();
    await county.close();
  });

  /** A browser window of an official at work. */
  async function visit(name: string, options: { language?: Language; javaScriptEnabled?: boolean } = {}) {
    const { language = "zh", javaScriptEnabled = false } = options;
    const context: BrowserContext = await browser.newContext({
      ...{ viewport: PHONE, javaScriptEnabled, locale: LOCALES[language], baseURL: county.node.address },
    });
    const page = await context.newPage();
    await page.goto("/sign-in");
    await page.fill("#signInName", name);
    await page.fill("#password", DEMONSTRATION_PASSWORD);
    await page.click("form[action='/sign-in'] button[type=submit]");
    await page.waitForURL(/\/workbench/);
    return { context, page };
  }

  /** Opens the folded form of an operation, fills its fields in by name, and sends it. */
  async function take(page: Page, operation: string, typed: Readonly<Record<string, string>>): Promise<void> {
    const form = page.locator(`form[action$="/do/${operation}"]`);
    await page.locator("details").filter({ has: form }).locator("summary").click();
    for (const [name, value] of Object.entries(typed)) {
      await form.locator(`[name="${operation}.${name}"]`).first().fill(value);
    }
    await form.locator("button").click();
  }
  let request = "";

  test("a steward describes a resource; a wrong class keeps what was typed; a second official releases it", async () => {
    const steward = await visit("population");
    await steward.page.goto(`/workbench/catalogue/${RESOURCE}`);
    await steward.page.fill("[name=class]", "9");
    await steward.page.fill("[name=abstract-zh]", "办件核对身份所用的人口基本信息");
    await steward.page.fill("[name=abstract-en]", "Basic facts of a person, for cases");
    await steward.page.selectOption("[name=updateCycle]", "real-time");
    await steward.page.check("[name=open][value=yes]");
    await steward.page.fill("[name=contact]", "户籍管理岗 0999-990-0110");
    const rows = await steward.page.locator("select[name^=sharing-]").count();
    assert.ok(rows > 5);
    for (let at = 0; at < rows; at += 1) {
      await steward.page.selectOption(`[name=sharing-${at}]`, at === 0 ? "unconditional" : "conditional");
      if (at > 0) await steward.page.fill(`[name=basis-${at}]`, "办理行政许可需要");
    }
    const send = "form[action$='/describe'] button";
    await steward.page.click(send);
    assert.equal(await steward.page.inputValue("[name=basis-3]"), "办理行政许可需要");
    assert.equal(await steward.page.inputValue("[name=sharing-0]"), "unconditional");
    await steward.page.fill("[name=class]", "301001");
    await steward.page.click(send);
    await steward.page.waitForURL(/done=described/);
    assert.equal(
      await steward.page.locator("form[action$='/review']").count(),
      0,
      "not by who drafted: the post may, he may not",
    );
    const reviewer = await visit("population2");
    await reviewer.page.goto("/workbench/catalogue?show=waiting");
    await reviewer.page.click(`a[href$='${RESOURCE}']`);
    await reviewer.page.check("[name=decision][value=released]");
    await reviewer.page.fill("[name=reason]", "经审查不涉密");
    await reviewer.page.click("form[action$='/review'] button");
    await reviewer.page.waitForURL(/done=reviewed/);
    await steward.context.close();
    await reviewer.context.close();
  });

  test("another authority asks, and is answered; both see the clock and the grant's use", async () => {
    const requester = await visit("registrar");
    const { page } = requester;
    await page.goto(`/workbench/catalogue/${RESOURCE}`);
    await page.click(`a[href*='/workbench/sharing/new']`);
    await page.fill("[name=purpose]", "办理食品经营许可，核对经营者身份");
    await page.check("[name=purposes][value=case]");
    await page.fill("[name=law]", "行政许可法");
    await page.fill("[name=article]", "第三十四条");
    await page.fill("[name=perDay]", "500");
    await page.fill("[name=total]", "100000");
    await page.check("[name=noOnwardUse][value=no]");
    const until = Temporal.PlainDate.from(county.node.site.kernel.now().slice(0, 10)).add({ months: 12 });
    for (const part of ["year", "month", "day"] as const) await page.fill(`[name=until-${part}]`, String(until[part]));
    await page.click("form[action='/workbench/sharing/new'] button");
    assert.match((await page.textContent(".govuk-error-summary")) ?? "", /承诺/);
    assert.match(await page.inputValue("[name=systems]"), /quality/);
    await page.check("[name=noOnwardUse][value=yes]");
    await page.click("form[action='/workbench/sharing/new'] button");
    await page.waitForURL(/done=asked/);
    [request = ""] = /\d+/.exec(new URL(page.url()).pathname) ?? [];
    const steward = await visit("population");
    await steward.page.goto("/workbench/sharing");
    await steward.page.click(`a[href$='/sharing/${request}']`);
    await take(steward.page, "askCompletion", { missing: "适用的岗位\n每日用量的测算" });
    await steward.page.waitForURL(/done=step/);
    await page.goto(`/workbench/sharing/${request}`);
    await take(page, "completeRequest", { words: "许可受理岗；每日约四百件" });
    await page.waitForURL(/done=step/);
    await steward.page.goto(`/workbench/sharing/${request}`);
    await take(steward.page, "consentRequest", { words: "同意" });
    await steward.page.waitForURL(/done=step/);
    assert.match((await steward.page.textContent("main")) ?? "", /有效/);
    await page.goto(steward.page.url());
    assert.match((await page.textContent("main")) ?? "", /0 \/ 500/);
    const filing = page.locator('form[action$="/do/fileCorrection"]');
    await page.locator("details").filter({ has: filing }).locator("summary").click();
    await filing.locator('[name="fileCorrection.attributes"]').first().check();
    await filing.locator('[name="fileCorrection.words"]').fill("姓名与证件不符");
    await filing.locator("button").click();
    await page.waitForURL(/done=step/);
    assert.match((await page.textContent("main")) ?? "", /待核实/);
    await requester.context.close();
    await steward.context.close();
  });

  test("each page is accessible in both languages and fits a phone", async () => {
    const paths: Readonly<Record<string, readonly string[]>> = {
      population: ["/workbench/catalogue", `/workbench/catalogue/${RESOURCE}`, "/workbench/sharing?show=all"],
      registrar: [
        `/workbench/sharing/new?resource=${RESOURCE}`,
        `/workbench/sharing/${request}`,
        `/workbench/sharing/${Number(request) + 1}`,
        "/workbench/sharing/notices",
        "/catalogue",
      ],
    };
    for (const language of ["zh", "en"] as const) {
      for (const [name, addresses] of Object.entries(paths)) {
        const { context, page } = await visit(name, { language, javaScriptEnabled: true });
        for (const address of addresses) {
          const answer = await page.goto(address);
          assert.equal(answer?.status(), 200, address);
          assert.deepEqual(await violations(page), [], `${language} ${address}`);
          assert.deepEqual(await tooWide(page), [], `${language} ${address}`);
          if (language === "en") assert.deepEqual(await chineseHeadings(page), [], address);
        }
        await context.close();
      }
    }
  });

  test("who has no part in it finds nothing there", async () => {
    const { context, page } = await visit("accept");
    for (const address of ["/workbench/sharing", "/workbench/catalogue", `/workbench/sharing/${request}`]) {
      assert.equal((await page.goto(address))?.status(), 404, address);
    }
    await context.close();
  });
});
