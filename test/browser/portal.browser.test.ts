import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Language } from "#lib/language/text";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { type LicensingCounty, licensingCounty, SITE_CHECK } from "../federation/licensing-county.ts";
import { licensingSteps } from "../federation/licensing-steps.ts";
import {
  ARGUMENTS,
  CHROMIUM,
  chineseHeadings,
  FIRST_VIEW_MAX_BYTES,
  firstViewBytes,
  proveWhoItIs,
  tooWide,
  violations,
} from "./page-checks.ts";
import { GUIDE, portalAddresses } from "./portal-addresses.ts";

const PHONE = { width: 375, height: 812 };
const FLOOR_PLAN = Buffer.from("%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n");
const SHOP = ".zt-identities button:has-text('清源县翠竹小吃店')";
const LOCALES = { zh: "zh-CN", en: "en-GB" } as const;

describe("the portal in a browser", {
  skip: CHROMIUM ? false : "no Chromium is installed; install one to run these tests",
}, () => {
  let browser: Browser;
  let county: LicensingCounty;
  /** Cases of the shop: licensed, waiting for a supplement, being checked. */
  let licensed = "";
  let supplementing = "";
  let checked = "";
  let draft = "";
  let licenceNumber = "";

  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS });
    county = await licensingCounty();
    licensed = await submitted();
    await accepted(licensed);
    await done("inspector1", licensed, "siteCheck", SITE_CHECK);
    await done("inspector2", licensed, "siteCheckConfirm", { outcome: "agree" });
    await done("inspector1", licensed, "examination", { outcome: "propose-grant" });
    await done("decider", licensed, "decision", { outcome: "grant" });
    supplementing = await submitted();
    await done("accept", supplementing, "acceptance", { outcome: "supplement", missing: "平面布局图：请标明冷食间" });
    checked = await submitted();
    await accepted(checked);
    draft = await county.draft();
    const view = await county.until(licensed, (reached) => reached.status !== "running");
    licenceNumber = String(view.variables["licenceNumber"]);
  });
  after(async () => {
    await browser.close();
    await county.close();
  });

  const { done, submitted } = licensingSteps(() => county);
  const accepted = (caseId: string) =>
    done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "yes" });

  /** A browser window of someone. */
  async function visit(
    options: { readonly language?: Language; readonly javaScriptEnabled?: boolean; readonly as?: string } = {},
  ): Promise<{ readonly context: BrowserContext; readonly page: Page; readonly problems: string[] }> {
    const { language = "zh", javaScriptEnabled = true } = options;
    const context = await browser.newContext({
      viewport: PHONE,
      javaScriptEnabled,
      locale: LOCALES[language],
      baseURL: county.node.address,
    });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    if (options.as) await signIn(page, options.as);
    return { context, page, problems };
  }

  async function signIn(page: Page, name: string) {
    await page.goto("/sign-in");
    await page.fill("#signInName", name);
    await page.fill("#password", DEMONSTRATION_PASSWORD);
    await page.click("form[action='/sign-in'] button[type=submit]");
    await page.waitForURL(/\/my/);
  }

  for (const javaScriptEnabled of [true, false]) {
    test(`a shop owner applies, corrects what was wrong and signs, ${javaScriptEnabled ? "with" : "without"} scripts`, async () => {
      const { context, page } = await visit({ javaScriptEnabled });
      const next = () => page.click("form[action^='/drafts/'] button[type=submit]:not([name=then])");
      await page.goto("/");
      await page.fill("#search", "我想开个小吃店");
      await page.click(".zt-search__button");
      await page.click(`.zt-topics a[href='${GUIDE}']`);
      await page.click(`a[href='${GUIDE}/start']`);
      await page.fill("#signInName", "owner");
      await page.fill("#password", DEMONSTRATION_PASSWORD);
      await page.click("form[action='/sign-in'] button[type=submit]");
      await page.click(SHOP);
      await page.waitForURL(/\/drafts\/[^/]+\/facts$/);
      assert.match((await page.locator(".zt-facts").textContent()) ?? "", /林晓竹.*人口基础信息库/s);
      assert.equal(await page.locator(".zt-facts a").first().textContent(), "信息有误，申请更正（经营者名称）");
      await page.click(".zt-actions a.govuk-button");

      await next();
      assert.equal(
        await page.locator(".govuk-error-summary li").count(),
        3,
        "each question that was left open is named",
      );
      await page.check("input[name=kind][value=new]");
      await page.check("input[name=onlyPrepackaged][value=no]");
      await page.check("input[name=withinDivision][value=yes]");
      await next();
      await page.fill("#premises", "清源县湖滨街道翠竹路27号");
      await page.fill("#area", "约四十");
      await page.check("input[name=businessType][value=catering]");
      await next();
      assert.equal(await page.inputValue("#area"), "约四十", "what was typed is kept, right or wrong");
      assert.equal(await page.inputValue("#premises"), "清源县湖滨街道翠竹路27号");
      assert.equal(await page.locator(".govuk-error-summary a").getAttribute("href"), "#area");
      await page.fill("#area", "46.5");
      await next();
      await page.check("input[value=hot-food]");
      await next();
      await page.fill("#safetyManager", "林晓竹");
      await page.fill("#mobile", "138 1234 5678");
      await next();

      await page.setInputFiles("#floorPlan", { name: "图.pdf", mimeType: "application/pdf", buffer: Buffer.from("x") });
      await page.click("section:has(#floorPlan) form[enctype] button");
      assert.match((await page.locator(".govuk-error-message").textContent()) ?? "", /图\.pdf.*不是所要求的格式/s);
      await page.setInputFiles("#floorPlan", { name: "布局图.pdf", mimeType: "application/pdf", buffer: FLOOR_PLAN });
      await page.click("section:has(#floorPlan) form[enctype] button");
      assert.match((await page.locator(".zt-files").textContent()) ?? "", /布局图\.pdf.*已通过安全检查/s);
      await page.click(".zt-actions a.govuk-button");

      await page.click("form[action$='/review'] button");
      assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /请确认内容真实、完整/);
      await page.check("#declaration");
      await page.click("form[action$='/review'] button");
      await proveWhoItIs(page);
      await page.waitForURL(/\/cases\/[^/]+\/received$/);
      const receivedText = (await page.locator("main").textContent()) ?? "";
      assert.match(receivedText, /已收件/);
      assert.match(receivedText, /收件不等于受理/);
      assert.match(receivedText, /SP-\d{4}-\d{6}/);
      await page.click("main .zt-actions a");
      assert.equal(await page.locator(".zt-rail__step--now").count(), 1);
      assert.doesNotMatch(page.url(), /林|1381234|138%201234/, "no personal data stands in an address");
      await context.close();
    });
  }

  test("a draft is discarded after a question, and is in no list any more", async () => {
    const { context, page } = await visit({ as: "owner", javaScriptEnabled: false });
    const unwanted = await county.draft();
    await page.goto("/my/cases");
    await page.click(`a[href='/drafts/${unwanted}/discard']`);
    assert.match((await page.locator("main").textContent()) ?? "", /放弃这份草稿？.*已上传 1 份文件.*不能恢复/s);
    await page.click("main form button");
    await page.waitForURL(/\/my\/cases\?discarded=1$/);
    assert.match((await page.locator("main").textContent()) ?? "", /草稿已放弃/);
    assert.equal(await page.locator(`a[href='/drafts/${unwanted}']`).count(), 0);
    assert.equal((await page.goto(`/drafts/${unwanted}/facts`))?.status(), 404);
    await context.close();
  });

  test("an e-mail address is given, confirmed with the code that came to it, and taken back", async () => {
    const { context, page } = await visit({ as: "agent", javaScriptEnabled: false });
    await page.goto("/my/email");
    await page.fill("#address", "not an address");
    await page.click("form:has(#address) button");
    assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /请填写完整的电子邮箱/);
    assert.equal(await page.inputValue("#address"), "not an address");
    await page.fill("#address", "agent@example.cn");
    await page.click("form:has(#address) button");
    await page.fill("#code", "000 00");
    await page.click("form:has(#code) button");
    assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /验证码不正确/);
    await page.fill("#code", await codeSentTo("agent@example.cn"));
    await page.click("form:has(#code) button");
    assert.match((await page.locator("main").textContent()) ?? "", /已确认.*agent@example\.cn.*有新文书时发邮件/s);
    await page.click("form:has(input[name=notices]) button");
    assert.match((await page.locator("main").textContent()) ?? "", /不发邮件/);
    await page.click("form:has(input[value=remove]) button");
    assert.doesNotMatch((await page.locator("main").textContent()) ?? "", /agent@example\.cn/);
    await context.close();
  });

  async function codeSentTo(address: string): Promise<string> {
    const folder = join(county.dataFolder, "outgoing");
    for (const name of await readdir(folder)) {
      const message = await readFile(join(folder, name), "utf8");
      const code = /您的验证码是 (\d{6})/.exec(message)?.[1];
      if (code && message.includes(`"to":"${address}"`)) return code;
    }
    return assert.fail("no code was sent");
  }

  test("what an answer makes necessary is asked for on its own screen", async () => {
    const { context, page } = await visit({ as: "owner" });
    const changing = await county.draft({ kind: "change", premises: undefined });
    await page.goto("/my/identity");
    await page.click(SHOP);
    await page.goto(`/drafts/${changing}/form/1`);
    await page.click("form[action^='/drafts/'] button[type=submit]:not([name=then])");
    assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /请填写原许可证编号/);
    // Which of her licences it is about, she chooses: government knows them.
    await page.selectOption("#licenceNumber", licenceNumber);
    await page.click("form[action^='/drafts/'] button[type=submit]:not([name=then])");
    await page.waitForURL(/\/form\/2$/);
    await context.close();
  });

  test("a draft survives, a case in hand takes a supplement with a document, and a withdrawal ends it", async () => {
    const { context, page } = await visit({ as: "owner" });
    await page.goto("/my");
    await page.click(`a[href='/drafts/${draft}']`);
    await page.click(SHOP);
    await page.waitForURL(new RegExp(`/drafts/${draft}/facts$`));
    await page.goto(`/drafts/${draft}/form/2`);
    assert.equal(await page.inputValue("#area"), "45");

    await page.goto(`/cases/${supplementing}`);
    await page.click(".zt-next a");
    await page.setInputFiles("#floorPlan", { name: "新图.pdf", mimeType: "application/pdf", buffer: FLOOR_PLAN });
    await page.click("section:has(#floorPlan) form[enctype] button");
    assert.match((await page.locator("section:has(#floorPlan)").textContent()) ?? "", /布局图\.pdf.*新图\.pdf/s);
    await page.click("main form:has(#note) button");
    assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /请填写说明/);
    await page.fill("#note", "已标明冷食间");
    await page.click("main form:has(#note) button");
    await page.waitForURL(`**/cases/${supplementing}`);
    assert.match((await page.locator("main").textContent()) ?? "", /已标明冷食间/);
    await page.click("a[href$='/send/withdrawn']");
    await page.click("main form:has(#note) button");
    await page.waitForURL(`**/cases/${supplementing}`);
    assert.match((await page.locator(".zt-next").textContent()) ?? "", /已撤回/);
    await context.close();
  });

  test("a finished case: notices open and are recorded, the licence verifies, a poor rating waits for its answer", async () => {
    const { context, page } = await visit({ as: "owner" });
    await page.goto("/my/identity");
    await page.click(SHOP);
    await page.goto(`/cases/${licensed}`);
    await delivered(page, licensed);
    const notice = await page.locator("a[href^='/notices/']:not([href$='/seal'])").last().getAttribute("href");
    const pdf = await context.request.get(notice ?? "");
    assert.equal(pdf.headers()["content-type"], "application/pdf");
    await page.reload();
    assert.match((await page.locator("main").textContent()) ?? "", /首次打开/);

    const original = await context.request.get(`/my/licences/${licenceNumber}/original`);
    const bytes = await original.body();
    const token = await (await context.request.get(`/my/licences/${licenceNumber}/credential`)).text();
    const tampered = Buffer.from(bytes);
    tampered.writeUInt8(tampered.readUInt8(tampered.length >> 1) ^ 1, tampered.length >> 1);
    for (const [file, expected] of [
      [bytes, "zt-verdict--genuine"],
      [tampered, "zt-verdict--false"],
    ] as const) {
      await page.goto("/verify");
      await page.setInputFiles("#file", { name: "licence.pdf", mimeType: "application/pdf", buffer: file });
      await page.click("section:has(#file) button");
      assert.match((await page.locator(".zt-verdict").getAttribute("class")) ?? "", new RegExp(expected));
    }
    await page.goto("/verify");
    await page.fill("#token", token);
    await page.click("section:has(#token) button");
    assert.match((await page.locator(".zt-verdict").getAttribute("class")) ?? "", /zt-verdict--genuine/);
    await page.goto("/verify");
    await page.setInputFiles("#statement", {
      name: "statement.jws",
      mimeType: "text/plain",
      buffer: Buffer.from(token),
    });
    await page.click("section:has(#statement) button");
    assert.match((await page.locator(".zt-verdict").getAttribute("class")) ?? "", /zt-verdict--false/);
    await page.goto("/verify");
    await page.click("section:has(#statement) button");
    await page.locator("#statement-error").waitFor();
    await page.fill("#number", ` ${licenceNumber.toLowerCase()} `);
    await page.click("section:has(#number) button");
    await page.waitForURL(`**/verify/${licenceNumber}`);
    assert.match((await page.locator(".zt-verdict").textContent()) ?? "", /清源县翠竹小吃店/);

    await page.goto(`/cases/${licensed}/rating`);
    await page.click("main form button");
    assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /请选择评价/);
    await page.check("input[name=score][value='2']");
    await page.fill("#words", "等了太久");
    await page.click("main form button");
    assert.match((await page.locator("main").textContent()) ?? "", /不满意.*等了太久.*正在核实/s);
    await page.goto("/");
    assert.match((await page.locator(".zt-numbers").textContent()) ?? "", /1 次评价，差评已答复 0\/1/);
    await context.close();
  });

  async function delivered(page: Page, caseId: string) {
    for (let tries = 0; tries < 100; tries += 1) {
      await page.goto(`/cases/${caseId}`);
      if ((await page.locator("a[href^='/notices/']").count()) >= 3) return;
      await page.waitForTimeout(100);
    }
    assert.fail("a notice was not delivered");
  }

  test("who looked is told in words, and its receipt proves it", async () => {
    const { context, page } = await visit({ as: "owner" });
    await page.goto("/my/access");
    assert.match((await page.locator(".zt-accesses").textContent()) ?? "", /您本人（通过“质量监管（金质）”系统）/);
    await page.click(".zt-access >> nth=-1 >> .zt-receipt");
    await page.waitForURL(/\/receipts\/\d+$/);
    assert.match((await page.locator(".zt-verdict").textContent()) ?? "", /这件事已经写入存证日志/);
    const receipt = await context.request.get(`${page.url()}/file`);
    assert.equal(((await receipt.json()) as { format: string }).format, "zhengtong-ledger-receipt/1");
    await context.close();
  });

  test("to others a case, draft, notice or receipt is as if it were not there", async () => {
    const { context: owners, page: ownersPage } = await visit({ as: "owner" });
    await ownersPage.goto(`/cases/${checked}`);
    const receipt = await ownersPage.locator("a.zt-receipt").first().getAttribute("href");
    await delivered(ownersPage, licensed);
    const notice = await ownersPage.locator("a[href^='/notices/']").first().getAttribute("href");
    await owners.close();
    const { context, page } = await visit({ as: "company" });
    for (const path of [
      `/cases/${checked}`,
      `/cases/${checked}/received`,
      `/cases/${checked}/send/withdrawn`,
      `/cases/${checked}/rating`,
      `/drafts/${draft}/facts`,
      `/my/licences/${licenceNumber}/original`,
      receipt ?? "",
      notice ?? "",
      "/cases/00000000-0000-4000-8000-000000000000",
      "/cases/x",
      "/services/quality/toString",
    ]) {
      const answer = await page.goto(path);
      assert.equal(answer?.status(), 404, path);
    }
    await context.close();
  });

  test("an expired form keeps nothing half done, and a password is changed only by who knows it", async () => {
    const { context, page } = await visit({ as: "agent" });
    const answer = await context.request.post("/my/account", { form: { csrf: "forged", current: "a", next: "b" } });
    assert.equal(answer.status(), 403);
    await page.goto("/my/account");
    await page.fill("#current", "not my password");
    await page.fill("#next", "four words in a row");
    await page.click("form:has(#next) button[type=submit]");
    assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /现在的密码不正确/);
    await context.close();
  });

  test("a form that outlives its session is kept, and sent again under a new one", async () => {
    const { context, page } = await visit({ as: "owner" });
    await page.goto("/my/identity");
    await page.click(SHOP);
    await page.goto(`/drafts/${draft}/form/4`);
    await page.fill("#safetyManager", "林小满");
    const session = (await context.cookies()).filter(({ name }) => name === "zt_session");
    await context.clearCookies({ name: "zt_session" });
    await page.click("form[action^='/drafts/'] button[type=submit]:not([name=then])");
    assert.match((await page.locator("main").textContent()) ?? "", /您填写的内容都在.*林小满/s);
    await context.addCookies(session);
    await page.click("main form button");
    assert.match((await page.locator("main").textContent()) ?? "", /已重新登录.*林小满/s);
    await page.click("main form button");
    await page.goto(`/drafts/${draft}/form/4`);
    assert.equal(await page.inputValue("#safetyManager"), "林小满");
    await context.close();
  });

  for (const language of ["zh", "en"] as const) {
    test(`every page in ${language} fits a phone and is ${language === "zh" ? "accessible and small" : "in English"}`, async () => {
      const { context, page, problems } = await visit({ language, as: "owner" });
      await page.goto("/my/identity");
      await page.click(SHOP);
      const wrong: string[] = [];
      for (const path of portalAddresses({ draft, checked, licensed, licenceNumber })) {
        const response = await page.goto(path);
        const expected = path === "/nothing-here" ? 404 : 200;
        if (response?.status() !== expected) wrong.push(`${path}: ${response?.status()}`);
        wrong.push(...(await tooWide(page)).map((one) => `${path} is too wide: ${one}`));
        if (language === "en") {
          wrong.push(...(await chineseHeadings(page)).map((one) => `${path} has no English: ${one}`));
          continue;
        }
        // What is accessible in one language is in the other: the pages differ in their words alone.
        wrong.push(...(await violations(page)).map((one) => `${path}: ${one}`));
        const bytes = await firstViewBytes(context, page);
        if (bytes > FIRST_VIEW_MAX_BYTES) wrong.push(`${path}: ${bytes} bytes`);
      }
      assert.deepEqual(wrong, []);
      // The browser itself reports the page that is not there.
      assert.deepEqual(
        problems.filter((one) => !one.includes("404")),
        [],
      );
      await context.close();
    });
  }
});
