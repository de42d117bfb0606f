import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Language } from "#lib/language/text";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { type TargetNode, targetNode } from "../adversarial/target-node.ts";
import {
  ARGUMENTS,
  CHROMIUM,
  chineseHeadings,
  FIRST_VIEW_MAX_BYTES,
  firstViewBytes,
  tooWide,
  violations,
} from "../browser/page-checks.ts";

const PHONE = { width: 375, height: 812 };
const LOCALES = { zh: "zh-CN", en: "en-GB" } as const;
const PICTURES = process.env["ZHENGTONG_PICTURES"];
const SOURCE = `@zh("登记簿不得从互联网区查阅。") @en("Registers are not read from the internet zone.")
forbid(principal, action in Action::"register-read", resource) when { context.zone == Zone::"internet" };`;

describe("the pages of rights in a browser", {
  skip: CHROMIUM ? false : "no Chromium is installed; install one to run these tests",
}, () => {
  let browser: Browser;
  let target: TargetNode;
  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS });
    target = await targetNode();
  });
  after(async () => {
    await browser.close();
    await target.close();
  });

  async function visit(name: string, options: { language?: Language; javaScriptEnabled?: boolean } = {}) {
    const { language = "zh", javaScriptEnabled = false } = options;
    const context = await browser.newContext({
      viewport: PHONE,
      javaScriptEnabled,
      locale: LOCALES[language],
      baseURL: target.address,
    });
    const page = await context.newPage();
    await page.goto("/sign-in");
    await page.fill("#signInName", name);
    await page.fill("#password", DEMONSTRATION_PASSWORD);
    await page.click("form[action='/sign-in'] button[type=submit]");
    await page.waitForURL(/\/workbench/);
    return { context, page };
  }
  const main = async (page: Page) => (await page.locator("main").textContent()) ?? "";
  const picture = async (page: Page, name: string) => {
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  };

  test("without scripts, one sees what would change and proposes, another approves, and everyone can ask why", async () => {
    const first = await visit("rights");
    await first.page.goto("/workbench/access/propose");
    await first.page.check("input[value=superior]");
    await first.page.fill("#source", SOURCE);
    await first.page.click("button[value=preview]");
    assert.match(await main(first.page), /收窄：条件更严/);
    await picture(first.page, "preview-zh");
    assert.equal(await first.page.inputValue("#source"), SOURCE, "what was typed is kept");
    await first.page.fill("#reason", "等级保护要求");
    await first.page.click("button[value=propose]");
    await first.page.waitForURL(/changes\/1/);
    assert.match(await main(first.page), /由另一名管理人员审批/);
    assert.equal(await first.page.locator("input[name=decision]").count(), 0);
    const second = await visit("rights2");
    await second.page.goto("/workbench/access");
    await picture(second.page, "home-zh");
    await second.page.click("main a[href$='/changes/1']");
    await second.page.click("main form .govuk-button");
    assert.match(await main(second.page), /请选择同意或驳回/);
    await second.page.check("input[value=approved]");
    await second.page.fill("#reason", "同意");
    await second.page.click("main form .govuk-button");
    await second.page.waitForURL(/done=decide/);
    await picture(second.page, "change-zh");
    assert.match(await main(second.page), /执行中/);
    await first.context.close();
    await second.context.close();

    const auditor = await visit("auditor");
    await auditor.page.goto("/workbench/access/who?action=population.person.read");
    assert.match(await main(auditor.page), /户籍管理岗/);
    assert.match(await main(auditor.page), /沈堃/);
    assert.match(await main(auditor.page), /上级禁止：登记簿不得从互联网区查阅/);
    await picture(auditor.page, "who-zh");
    await auditor.page.goto("/workbench/access/why");
    await auditor.page.locator("#post").selectOption({ label: "清源县公安局 · 户籍管理岗" });
    await auditor.page.selectOption("#action", "population.person.read");
    await auditor.page.selectOption("#purpose", "register-keeping");
    await auditor.page.selectOption("#zone", "internet");
    await auditor.page.click("main form:last-of-type .govuk-button");
    assert.match(await main(auditor.page), /拒绝上级禁止：登记簿不得从互联网区查阅/);
    await auditor.page.selectOption("#zone", "extranet");
    await auditor.page.click("main form:last-of-type .govuk-button");
    assert.match(await main(auditor.page), /允许契约授予：职责 population.read/);
    await picture(auditor.page, "why-zh");
    await auditor.context.close();
  });

  test("an entry of the ledger says which policy refused, and what the contract would have asked for", async () => {
    // An auditor's post files nothing: the form is not offered, and the door refuses who sends it all the same.
    const { kernel } = target.node.site;
    await kernel.perform(
      {
        id: kernel.newId(),
        principal: { kind: "public" },
        purpose: "own-affairs",
        legalBasis: [],
        zone: "extranet",
        language: "zh",
        at: kernel.now(),
      },
      { room: "directory", operation: "createDivision", input: {} },
    );
    const { page, context } = await visit("auditor");
    await page.goto("/workbench/ledger");
    await page.locator("main tr", { hasText: "补充行政区划" }).first().locator("th a").click();
    await page.click("main a[href*='/access/why?entry=']");
    assert.match(await main(page), /没有策略允许。操作要求以下之一/);
    assert.match(await main(page), /职责 directory\.administer/);
    await picture(page, "why-entry-zh");
    await context.close();
  });

  const PAGES: Readonly<Record<string, readonly string[]>> = {
    rights: ["/workbench/access", "/workbench/access/propose", "/workbench/access/propose-rule"],
    auditor: [
      "/workbench/access/changes/1",
      "/workbench/access/who?action=quality.foodBusinessLicence.task.decision",
      "/workbench/access/why",
    ],
  };
  for (const language of ["zh", "en"] as const) {
    test(`each page in ${language} is accessible and fits a phone`, async () => {
      for (const [name, paths] of Object.entries(PAGES)) {
        const { context, page } = await visit(name, { language, javaScriptEnabled: true });
        for (const path of paths) {
          const answer = await page.goto(path);
          assert.equal(answer?.status(), 200, `${name} ${path}`);
          await checked(context, page, language);
          await picture(page, `${path.replaceAll(/[^a-z0-9]+/g, "-").slice(10)}-${language}`);
        }
        if (name === "auditor") {
          await page.goto("/workbench/access/post");
          await page.locator("#post").selectOption({ index: 3 });
          await page.click("main form .govuk-button");
          await checked(context, page, language);
          await picture(page, `post-${language}`);
        }
        await context.close();
      }
    });
  }

  async function checked(context: Awaited<ReturnType<typeof visit>>["context"], page: Page, language: Language) {
    assert.deepEqual(await violations(page), [], page.url());
    assert.deepEqual(await tooWide(page), [], page.url());
    if (language === "en") assert.deepEqual(await chineseHeadings(page), [], page.url());
    const bytes = await firstViewBytes(context, page);
    assert.ok(bytes <= FIRST_VIEW_MAX_BYTES, `${page.url()}: ${bytes} bytes`);
  }

  test("who has no duty of rights finds no such page", async () => {
    const { page, context } = await visit("accept");
    for (const path of ["", "/propose", "/propose-rule", "/who", "/post", "/why", "/changes/1"]) {
      assert.equal((await page.goto(`/workbench/access${path}`))?.status(), 404, path);
    }
    await context.close();
  });
});
