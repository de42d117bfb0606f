import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Language } from "#lib/language/text";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { generateCounty } from "../../src/node/demonstration/generate.ts";
import { type LicensingCounty, licensingCounty } from "../federation/licensing-county.ts";
import { daysAhead, licensingSteps } from "../federation/licensing-steps.ts";
import { ARGUMENTS, CHROMIUM, chineseHeadings, tooWide, violations } from "./page-checks.ts";

const PHONE = { width: 375, height: 812 };
const LOCALES = { zh: "zh-CN", en: "en-GB" } as const;
const INTEREST = "住在隔壁，厨房油烟影响居住";

describe("interested parties in a browser", {
  skip: CHROMIUM ? false : "no Chromium is installed; install one to run these tests",
}, () => {
  let browser: Browser;
  let county: LicensingCounty;
  let caseId = "";

  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS });
    county = await licensingCounty();
    caseId = await checked();
  });
  after(async () => {
    await browser.close();
    await county.close();
  });
  const { checked, done } = licensingSteps(() => county);

  /** A window of someone who has signed in, on a phone and without scripts. */
  async function visit(name: string, language: Language = "zh"): Promise<Page> {
    const locale = LOCALES[language];
    const context = await browser.newContext({
      viewport: PHONE,
      javaScriptEnabled: false,
      locale,
      baseURL: county.node.address,
    });
    const page = await context.newPage();
    await page.goto("/sign-in");
    await page.fill("#signInName", name);
    await page.fill("#password", DEMONSTRATION_PASSWORD);
    await page.click("form[action='/sign-in'] button[type=submit]");
    await page.waitForURL(/\/(my|workbench)/);
    return page;
  }

  /** What is wrong with pages, in both languages: width, headings, accessibility. */
  async function faults(name: string, paths: readonly string[]): Promise<string[]> {
    const wrong: string[] = [];
    for (const language of ["zh", "en"] as const) {
      const context = await browser.newContext({
        viewport: PHONE,
        locale: LOCALES[language],
        baseURL: county.node.address,
      });
      const page = await context.newPage();
      await page.goto("/sign-in");
      await page.fill("#signInName", name);
      await page.fill("#password", DEMONSTRATION_PASSWORD);
      await page.click("form[action='/sign-in'] button[type=submit]");
      for (const path of paths) {
        const answer = await page.goto(path);
        if (answer?.status() !== 200) wrong.push(`${path}: ${answer?.status()}`);
        wrong.push(...(await tooWide(page)).map((one) => `${path} is too wide: ${one}`));
        const more = language === "en" ? await chineseHeadings(page) : await violations(page);
        wrong.push(...more.map((one) => `${path}: ${one}`));
      }
      await context.close();
    }
    // What people are called is in their own language.
    return wrong.filter((one) => !/顾青禾|楼上住户/.test(one));
  }

  const parties = () => `/workbench/cases/${caseId}/parties`;
  const said = (page: Page) => page.locator("main").textContent();

  test("an examiner names a neighbour from the register and another by name, and keeps what was typed wrong", async () => {
    const page = await visit("inspector1");
    await page.goto(`/workbench/cases/${caseId}`);
    await page.click(`a[href='${parties()}']`);
    const { cast, persons } = generateCounty();
    const holder = cast.signIns.find(({ signInName }) => signInName === "neighbour")?.holder;
    const neighbour = persons.find(({ key }) => key === holder)?.value;
    assert.ok(neighbour);
    const find = "form[action$='/parties/find']:has(input[value=person])";
    await page.click("details:has(input[value=person]) summary");
    await page.selectOption(`${find} select`, neighbour.documentKind);
    await page.fill("#person-documentNumber", "11010119900307123");
    await page.click(`${find} button`);
    assert.equal(await page.inputValue("#person-documentNumber"), "11010119900307123");
    assert.equal(await page.locator(".govuk-error-summary li").count(), 1);
    await page.fill("#person-documentNumber", neighbour.documentNumber);
    await page.click(`${find} button`);
    assert.equal(await page.inputValue("#name"), "顾青禾");
    await page.click("form[action$='/parties'] button");
    assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /涉及的重大利益|填写/);
    await page.fill("#interest", INTEREST);
    await page.click("form[action$='/parties'] button");
    await page.waitForURL(/done=named/);
    await page.click("#add details:last-of-type summary");
    await page.fill("#name", "楼上住户");
    await page.fill("#address", "清源县湖滨街道翠竹路27号二层");
    await page.fill("#interest", INTEREST);
    await page.click("form[action$='/parties'] button");
    await page.waitForURL(/done=named/);
    assert.match((await said(page)) ?? "", /顾青禾.*尚未告知.*楼上住户.*尚未告知/s);
    assert.deepEqual(await faults("inspector1", [parties()]), []);
    await page.context().close();
  });

  test("the neighbour reads what the law lets her see, states her case and forgoes a hearing, without scripts", async () => {
    await done("inspector1", caseId, "examination", { outcome: "hearing", reasons: "油烟关系相邻住户的重大利益" });
    const page = await visit("neighbour");
    for (let tries = 0; tries < 200; tries += 1) {
      await page.goto("/my");
      if ((await page.locator("a[href^='/interests/']").count()) > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await page.click("a[href^='/interests/']");
    const shown = (await said(page)) ?? "";
    assert.match(shown, /清源县翠竹小吃店.*翠竹路27号.*住在隔壁/s);
    assert.doesNotMatch(shown, /13900000000|楼上住户|林晓竹/);
    const address = new URL(page.url()).pathname;
    await page.click("a[href$='/send/stated']");
    await page.click("main form button");
    assert.equal(await page.locator(".govuk-error-summary li").count(), 1);
    await page.fill("#note", "请把排烟口移到屋顶。");
    await page.click("main form button");
    assert.match((await said(page)) ?? "", /您提出的意见.*请把排烟口移到屋顶。/s);
    assert.deepEqual(await faults("neighbour", ["/my", "/my/cases", address, `${address}/send/hearingRequested`]), []);
    await page.click("a[href$='/send/hearingForgone']");
    await page.click("main form button");
    assert.match((await said(page)) ?? "", /您已答复：不要求听证/);
    await page.goto(`${address}/send/hearingRequested`);
    assert.match((await said(page)) ?? "", /没有|找不到|不存在/);
    await page.context().close();
  });

  test("an official records that the other was handed the notice and what he said in a letter", async () => {
    const page = await visit("inspector1");
    await page.goto(parties());
    const [year = "", month = "", day = ""] = daysAhead(0).split("-");
    const on = async (form: string) => {
      await page.fill(`${form} input[name$='year']`, year);
      await page.fill(`${form} input[name$='month']`, String(Number(month)));
      await page.fill(`${form} input[name$='day']`, String(Number(day)));
    };
    const delivery = "form[action*='/deliveries/']";
    await page.check(`${delivery} input[value=post]`);
    await page.fill(`${delivery} textarea, ${delivery} input[name$='note']`, "挂号信，本人签收");
    await page.click(`${delivery} button`);
    assert.ok((await page.locator(".govuk-error-summary li").count()) > 0, "the day is missing");
    assert.equal(await page.isChecked(`${delivery} input[value=post]`), true);
    await on(delivery);
    await page.click(`${delivery} button`);
    await page.waitForURL(/done=delivered/);
    const statement = ".zt-sheet:has-text('楼上住户') form[action$='/said']";
    await page.click(".zt-sheet:has-text('楼上住户') details:has(form[action$='/said']) summary");
    await page.check(`${statement} input[value=hearingRequested]`);
    await page.check(`${statement} input[value=letter]`);
    await on(statement);
    await page.fill(`${statement} textarea`, "要求听证。");
    await page.click(`${statement} button`);
    await page.waitForURL(/done=said/);
    await county.until(caseId, ({ at }) => at.includes("hearingArrangement"));
    const decider = await visit("decider");
    await decider.goto(`/workbench/cases/${caseId}`);
    assert.match((await said(decider)) ?? "", /利害关系人.*请把排烟口移到屋顶.*要求听证/s);
    assert.equal((await decider.goto(`${parties()}`))?.status(), 200);
    assert.equal(await decider.locator("#add").count(), 0, "who decides does not keep the parties");
    await decider.context().close();
    await page.context().close();
  });
});
