import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { isRefusal } from "#kernel/contract/refusal";
import { startDraft } from "#kernel/services/drafts";
import type { Language } from "#lib/language/text";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { generateCounty } from "../../src/node/demonstration/generate.ts";
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

const PHONE = { width: 375, height: 812 };
const DESK = { width: 1280, height: 900 };
const LOCALES = { zh: "zh-CN", en: "en-GB" } as const;
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const PHOTOGRAPH = { name: "现场.png", mimeType: "image/png", buffer: PICTURE };
/** Turns one bit of an entry's content; done twice, it is as it was. */
const TAMPER =
  "UPDATE ledger.entry SET sealed = set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1) WHERE id = 3";
/** The case whose premises are not the registered address. */
const OTHER_PREMISES = "清源县湖滨街道望湖街8号";

describe("the workbench in a browser", {
  skip: CHROMIUM ? false : "no Chromium is installed; install one to run these tests",
}, () => {
  let browser: Browser;
  let county: LicensingCounty;
  /** A case that was examined and waits for its decision, and its number. */
  let examined = "";
  let examinedNumber = "";

  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS });
    county = await licensingCounty();
    for (let count = 0; count < 3; count += 1) await submitted();
    await accepted(await submitted());
    const second = await county.submit(await county.draft({ premises: OTHER_PREMISES }));
    assert.ok(!isRefusal(second));
    examined = second.caseId;
    examinedNumber = second.number;
    await examine(examined);
    const waiting = await submitted();
    await accepted(waiting);
    await done("inspector1", waiting, "siteCheck", SITE_CHECK);
    await done("inspector2", waiting, "siteCheckConfirm", { outcome: "agree" });
  });
  after(async () => {
    await browser.close();
    await county.close();
  });

  const { done, submitted } = licensingSteps(() => county);
  const accepted = (caseId: string) =>
    done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "yes" });
  async function examine(caseId: string) {
    await accepted(caseId);
    await done("inspector1", caseId, "siteCheck", { ...SITE_CHECK, observations: "操作间与平面图一致。" });
    await done("inspector2", caseId, "siteCheckConfirm", { outcome: "agree" });
    await done("inspector1", caseId, "examination", { outcome: "propose-partial", reasons: "自制饮品设备未到位。" });
  }

  interface Visit {
    readonly context: BrowserContext;
    readonly page: Page;
    readonly problems: string[];
  }
  /** A browser window of an official at work. */
  async function visit(
    name: string,
    options: { language?: Language; javaScriptEnabled?: boolean; viewport?: typeof PHONE } = {},
  ): Promise<Visit> {
    const { language = "zh", javaScriptEnabled = true, viewport = DESK } = options;
    const { address: baseURL } = county.node;
    const context = await browser.newContext({ viewport, javaScriptEnabled, locale: LOCALES[language], baseURL });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto("/sign-in");
    await page.fill("#signInName", name);
    await page.fill("#password", DEMONSTRATION_PASSWORD);
    await page.click("form[action='/sign-in'] button[type=submit]");
    await page.waitForURL(/\/workbench/);
    return { context, page, problems };
  }

  /** Opens a task of a step from the list. */
  async function openTask(page: Page, step: string, number?: string) {
    await page.goto(`/workbench?step=${step}`);
    const link = page.locator(".zt-tasks tbody th a");
    await (number ? link.filter({ hasText: number }) : link).first().click();
    await page.waitForURL(/\/tasks\/\d+/);
  }
  const send = async (page: Page) => {
    await page.click("#decide form .zt-actions button:not([formaction])");
  };

  const PAGES: Readonly<Record<string, readonly string[]>> = {
    accept: ["/workbench", "/workbench?held=free", "/workbench/queue", "/workbench/ledger", "/workbench/account"],
    decider: ["/workbench/leave", "/workbench/operations", "/workbench/operations/quality/endLicence"],
    population: ["/workbench/registers", "/workbench/registers/population/person?q=林"],
    counter: ["/workbench/counter"],
    admin: [
      "/workbench/directory",
      "/workbench/operations",
      "/workbench/operations/directory/createPost",
      "/workbench/operations/directory/createAuthority",
      "/workbench/stopped",
    ],
    auditor: ["/workbench/cases", "/workbench/ledger", "/workbench/directory", "/workbench/account"],
  };
  for (const language of ["zh", "en"] as const) {
    test(`each page in ${language} is accessible, keeps the content policy and fits a phone`, async () => {
      for (const [name, paths] of Object.entries(PAGES)) {
        const { context, page, problems } = await visit(name, { language, viewport: PHONE });
        for (const path of paths) {
          const answer = await page.goto(path);
          assert.equal(answer?.status(), 200, `${name} ${path}`);
          await check(page, language);
        }
        assert.deepEqual(problems, [], name);
        await context.close();
      }
      const { context, page } = await visit("decider", { language, viewport: PHONE });
      await openTask(page, "decision", examinedNumber);
      await check(page, language);
      await page.goto(`/workbench/cases/${examined}`);
      await check(page, language);
      await context.close();
    });
  }

  async function check(page: Page, language: Language) {
    assert.deepEqual(await violations(page), [], page.url());
    assert.deepEqual(await tooWide(page), [], page.url());
    if (language === "en") assert.deepEqual(await chineseHeadings(page), [], page.url());
    const bytes = await firstViewBytes(page.context(), page);
    assert.ok(bytes <= FIRST_VIEW_MAX_BYTES, `${page.url()}: ${bytes} bytes`);
  }

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? "with" : "without";
    test(`an acceptance clerk takes a task, looks at the notice, accepts and goes on, ${how} scripts`, async () => {
      const { context, page } = await visit("accept", { javaScriptEnabled });
      await page.goto("/workbench?step=acceptance&held=free");
      const number = (await page.locator(".zt-tasks tbody th a").first().textContent()) ?? "";
      await page.locator(".zt-tasks form button").first().click();
      await page.waitForURL(/held=free/);
      await openTask(page, "acceptance", number);
      assert.match((await page.locator("#decide").textContent()) ?? "", /您已签收此件/);
      await send(page);
      assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /请选择审查结果/);

      await page.check("#outcome-3");
      await page.locator("#reasons").fill("不属于许可范围");
      const [opened] = await Promise.all([
        context.waitForEvent("page"),
        page.locator("#decide button[formaction$='/preview']").click(),
      ]);
      await opened.close();
      const preview = await previewOf(page, { outcome: "not-accept", reasons: "不属于许可范围" });
      assert.equal(preview.type, "application/pdf");
      assert.equal(await page.inputValue("#reasons"), "不属于许可范围", "looking at the notice loses nothing");

      await page.check("#outcome");
      await send(page);
      await page.waitForURL(/done=/);
      assert.match(page.url(), /\/tasks\/\d+\?done=/, "the next task is there at once");
      assert.match((await page.locator(".govuk-notification-banner").textContent()) ?? "", new RegExp(number));
      await context.close();
    });
  }

  /** What the preview of a form gives, asked as the form itself asks. */
  async function previewOf(page: Page, fields: Readonly<Record<string, string>>) {
    const csrf = await page.inputValue("#decide form input[name=csrf]");
    const action = (await page.getAttribute("#decide form", "action")) ?? "";
    const answer = await page.request.post(`${action}/preview`, { form: { csrf, ...fields } });
    return { status: answer.status(), type: answer.headers()["content-type"] ?? "", body: await answer.body() };
  }

  test("what differs from the register and what others found stand beside the decision, and a preview records nothing", async () => {
    const { context, page } = await visit("decider");
    await openTask(page, "decision", examinedNumber);
    assert.match(
      (await page.locator(".zt-differences").textContent()) ?? "",
      /1 项与登记信息不一致.*望湖街8号.*翠竹路27号/s,
    );
    const said = (await page.locator(".zt-opinion").allTextContents()).join("\n");
    assert.match(said, /建议部分准予许可.*自制饮品设备未到位/s);
    assert.match(said, /5 项核查全部符合/);
    const before = await county.node.site.kernel.procedures.view(county.node.site.kernel.database, examined);
    const reasons = "设备未到位";
    for (const fields of [
      { outcome: "grant" },
      { outcome: "partial", refusedItems: "自制饮品制售", reasons },
      { outcome: "refuse", reasons },
    ]) {
      const preview = await previewOf(page, fields);
      assert.equal(preview.body.subarray(0, 5).toString(), "%PDF-", fields.outcome);
    }
    const none = await previewOf(page, { outcome: "return", reasons });
    assert.equal(none.status, 422);
    assert.match(none.body.toString(), /不发送文书/);
    const after = await county.node.site.kernel.procedures.view(county.node.site.kernel.database, examined);
    assert.deepEqual(after, before, "a preview leaves the case as it was");
    await context.close();
  });

  test("a site check on a phone keeps its photographs when something else is wrong", async () => {
    const { context, page } = await visit("inspector3", { viewport: PHONE, javaScriptEnabled: false });
    await openTask(page, "siteCheck");
    assert.equal(await page.getAttribute("#photographs", "capture"), "environment");
    await page.setInputFiles("#photographs", [PHOTOGRAPH]);
    await page.fill("#observations", "场所与平面图一致。");
    await send(page);
    assert.equal(await page.locator(".govuk-error-summary li").count(), 7);
    assert.equal(await page.locator("input[name='kept-photographs.photographs']").count(), 1);
    assert.equal(await page.inputValue("#observations"), "场所与平面图一致。");
    for (const name of ["premises", "hygiene", "equipment", "staff", "rules"]) await page.check(`#${name}`);
    await page.fill("#present", "林晓竹");
    await page.check("#outcome");
    const caseId = /cases\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? "";
    await send(page);
    await page.waitForURL(/done=/);
    await page.goto(`/workbench/cases/${caseId}`);
    const picture = (await page.locator(".zt-opinion a").first().getAttribute("href")) ?? "";
    assert.deepEqual((await page.request.get(picture)).headers()["content-type"], "image/png");
    await context.close();
  });

  test("an examiner asks for more time; the head previews and approves it; a recused official is not asked again", async () => {
    const examiner = await visit("inspector3");
    await openTask(examiner.page, "examination");
    const caseId = /cases\/([0-9a-f-]{36})/.exec(examiner.page.url())?.[1] ?? "";
    await examiner.page.click("summary:has-text('申请延期')");
    await examiner.page.fill("form[action$='extensionRequested'] textarea", "检验结果未出");
    await examiner.page.click("form[action$='extensionRequested'] button");
    await examiner.page.waitForURL(/done=extensionRequested/);
    const head = await visit("head");
    await openTask(head.page, "extension");
    const preview = await previewOf(head.page, { outcome: "approve", reasons: "检验结果未出" });
    assert.equal(preview.type, "application/pdf");
    await head.page.check("#outcome");
    await head.page.fill("#reasons", "检验结果未出");
    await send(head.page);
    await proveWhoItIs(head.page);
    await head.page.waitForURL(/done=/);
    await examiner.page.click("summary:has-text('申请回避')");
    await examiner.page.fill("#recuse-reason", "与经营者有亲属关系");
    await examiner.page.click("form[action$='/recuse'] button");
    await examiner.page.waitForURL(/done=recusal/);
    await examiner.page.goto("/workbench?step=examination");
    assert.equal(await examiner.page.locator(`a[href*='${caseId}']`).count(), 0);
    await examiner.context.close();
    await head.context.close();
  });

  test("a clerk files for someone who came in person, and hands over a receipt, without scripts", async () => {
    const { cast, persons } = generateCounty();
    const owner = cast.signIns.find(({ signInName }) => signInName === "owner")?.holder;
    const number = persons.find(({ key }) => key === owner)?.value.documentNumber ?? "";
    const { context, page } = await visit("counter", { javaScriptEnabled: false });
    const form = "main form button[type=submit]";
    await page.goto("/workbench/counter");
    await page.selectOption("#documentKind", "resident-identity");
    await page.fill("#documentNumber", `${number.slice(0, -1)}${number.endsWith("1") ? "2" : "1"}`);
    await page.click(form);
    assert.equal(await page.locator(".govuk-error-summary").count(), 1, "a wrong check digit is said");
    await page.fill("#documentNumber", number);
    await page.click(form);
    assert.match((await page.locator("main").textContent()) ?? "", /林晓竹/);
    // A licence of a firm in her own name: she is told what fits, and chooses again.
    await page.locator("input[name=behalf][value=person]").check();
    await page.locator("input[name=item][value*=foodBusinessLicence]").check();
    await page.click("form[action$='/start'] button");
    assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /由单位申请/);
    await page.getByRole("radio", { name: /翠竹小吃店/ }).check();
    await page.locator("input[name=item][value*=foodBusinessLicence]").check();
    await page.click("form[action$='/start'] button");
    await page.waitForURL(/\/counter\/[0-9a-f-]{36}$/);
    assert.match((await page.locator("aside").textContent()) ?? "", /清源县翠竹小吃店/);
    await page.fill("#premises", "清源县湖滨街道翠竹路27号");
    await page.click(form);
    assert.equal(await page.inputValue("#premises"), "清源县湖滨街道翠竹路27号");
    const chosen = ["kind=new", "onlyPrepackaged=no", "withinDivision=yes", "businessType=catering", "items=hot-food"];
    for (const [name, value] of chosen.map((each) => each.split("=")))
      await page.check(`[name=${name}][value=${value}]`);
    await page.fill("#area", "45");
    await page.fill("#safetyManager", "林晓竹");
    await page.fill("#mobile", "13900000000");
    await page.click(form);
    await page.waitForURL(/\/materials$/);
    await page.setInputFiles("#floorPlan", [PHOTOGRAPH]);
    await page.click("form:has(#floorPlan) button");
    const draft = page.url().replace(/\/materials$/, "");
    const scripted = await visit("counter", { viewport: PHONE });
    for (const path of ["", "/materials", "/review"]) {
      await scripted.page.goto(draft + path);
      await check(scripted.page, "zh");
    }
    await scripted.context.close();
    await page.goto(`${draft}/review`);
    await page.click("form[action$='/review'] button");
    assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /签名/);
    await page.check("#signed");
    await page.click("form[action$='/review'] button");
    await page.waitForURL(/\/filed\//);
    const receipt = await page.request.get(`${page.url()}/receipt`);
    assert.equal(receipt.headers()["content-type"], "application/pdf");
    const stranger = await visit("accept");
    assert.equal((await stranger.page.goto(new URL(page.url()).pathname))?.status(), 404, "another clerk's case");
    await stranger.context.close();
    await context.close();
  });

  test("a clerk discards what was begun at the counter, after being asked, without scripts", async () => {
    const { context, page } = await visit("counter", { javaScriptEnabled: false });
    const { kernel } = county.node.site;
    const act = await county.officialAct("counter");
    const applicant = { kind: "organization", id: county.shop, personId: county.owner } as const;
    const begun = await startDraft(kernel, act, { room: "quality", service: "foodBusinessLicence" }, applicant);
    assert.ok(!isRefusal(begun));
    await page.goto("/workbench/counter");
    await page.click(`a[href='/workbench/counter/${begun.id}/discard']`);
    assert.match((await page.locator("main").textContent()) ?? "", /清源县翠竹小吃店/);
    const stranger = await visit("accept");
    assert.equal((await stranger.page.goto(`/workbench/counter/${begun.id}/discard`))?.status(), 404);
    await stranger.context.close();
    const other = await visit("counter", { viewport: PHONE, language: "en" });
    await other.page.goto(`/workbench/counter/${begun.id}/discard`);
    await check(other.page, "en");
    await other.context.close();
    await page.click("form[action$='/discard'] button");
    await page.waitForURL(/\/workbench\/counter\?discarded=1$/);
    assert.equal(await page.locator(".govuk-notification-banner").count(), 1);
    assert.equal((await page.goto(`/workbench/counter/${begun.id}`))?.status(), 404);
    await context.close();
  });

  test("a decider grants several together: each has a box to tick and a way to look at it, by keyboard, without scripts", async () => {
    const cases = [await submitted(), await submitted()];
    for (const caseId of cases) {
      await done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
      await done("inspector1", caseId, "examination", { outcome: "propose-grant" });
    }
    for (const language of ["zh", "en"] as const) {
      const scripted = await visit("decider", { viewport: PHONE, language });
      await scripted.page.goto("/workbench/together");
      await check(scripted.page, language);
      await scripted.context.close();
    }
    const { context, page } = await visit("decider", { javaScriptEnabled: false });
    await page.goto("/workbench/together");
    for (const caseId of cases) {
      const box = page.locator(`input[value^='${caseId}~']`);
      const label = page.locator(`label[for='${await box.getAttribute("id")}']`);
      assert.match((await label.textContent()) ?? "", /^SP-/, "the box says which case it is");
      assert.equal(await page.locator(`a[href^='/workbench/cases/${caseId}/']`).count(), 1);
      await box.focus();
      await page.keyboard.press("Space");
      assert.ok(await box.isChecked());
    }
    await page.click("main form button[type=submit]");
    await proveWhoItIs(page);
    await page.waitForURL(/\/workbench\?done=/);
    for (const caseId of cases) {
      const view = await county.until(caseId, ({ status }) => status !== "running");
      assert.equal(view.outcome, "licensed");
    }
    await context.close();
  });

  test("an auditor sees where he is signed in, and ends the other", async () => {
    const first = await visit("auditor");
    const second = await visit("auditor", { javaScriptEnabled: false });
    await second.page.goto("/workbench/account");
    const ends = second.page.locator("form[action='/workbench/account/sign-out']");
    const others = await ends.count();
    assert.ok(others >= 1);
    await ends.first().locator("button").click();
    await second.page.waitForURL(/done=session/);
    assert.equal(await ends.count(), others - 1);
    await first.context.close();
    await second.context.close();
  });

  test("an official arranges a leave: the stand-in has the post, and it ends when he says so", async () => {
    const { context, page } = await visit("decider");
    await page.goto("/workbench/leave");
    await page.locator("#standIn").selectOption({ label: "方小满" });
    for (const [name, year] of [
      ["from", "2026"],
      ["to", "2099"],
    ]) {
      await page.fill(`#${name}-year`, year ?? "");
      await page.fill(`#${name}-month`, "12");
      await page.fill(`#${name}-day`, "1");
    }
    await page.fill("#reason", "年休假");
    await page.click("form[action='/workbench/leave'] button");
    await page.waitForURL(/done=leave/);
    assert.match((await page.locator(".zt-table").textContent()) ?? "", /方小满.*年休假/s);
    await page.click("form[action$='/end'] button");
    await page.waitForURL(/done=leave/);
    assert.equal(await page.locator(".zt-table").count(), 0);
    await context.close();
  });

  test("what is not one's own is as if it were not there", async () => {
    const view = await county.node.site.kernel.procedures.view(county.node.site.kernel.database, examined);
    const task = `/workbench/cases/${examined}/tasks/${view?.openTasks[0]?.taskId}`;
    for (const [name, path] of [
      ["accept", task],
      ["auditor", task],
      ["counter", `/workbench/cases/${examined}`],
      ["accept", "/workbench/cases"],
      ["accept", "/workbench/stopped"],
      ["accept", "/workbench/directory"],
      ["accept", "/workbench/counter"],
      ["decider", "/workbench/ledger/1"],
      ["accept", "/workbench/leave?of=00000000-0000-4000-8000-000000000000"],
    ] as const) {
      const { context, page } = await visit(name);
      assert.equal((await page.goto(path))?.status(), 404, `${name} ${path}`);
      await context.close();
    }
  });

  test("an auditor sees all, changes nothing, verifies the log, and a tampered row is named", async () => {
    const { context, page } = await visit("auditor");
    assert.match(page.url(), /\/workbench\/cases$/, "his work begins with the cases");
    const menu = await page.locator(".zt-nav a").allTextContents();
    assert.deepEqual(menu, ["办件", "查找办件", "信息库", "存证日志", "机构和岗位", "权限"]);
    await page.goto(`/workbench/search?q=${examinedNumber}`);
    const shown = (await page.locator("main").textContent()) ?? "";
    assert.match(shown, /岗位分离.*核查人员会签.*符合/s);
    assert.match(shown, /谁查看过此办件/);
    assert.equal(await page.locator("main form").count(), 0, "nothing to change");
    assert.deepEqual(await violations(page), []);
    await page.goto("/workbench/ledger");
    await page.locator(".zt-table tbody th a").first().click();
    await page.waitForURL(/\/ledger\/\d+$/);
    const receipt = await page.request.get(`${page.url()}/receipt`);
    assert.equal(((await receipt.json()) as { format: string }).format, "zhengtong-ledger-receipt/1");

    const { kernel } = county.node.site;
    await kernel.ledger.sequenceNow();
    await page.goto("/workbench/ledger/verify");
    await page.click("main form button");
    await page.waitForURL(/\/verify$/);
    assert.match((await page.locator("main").textContent()) ?? "", /日志完好/);
    await kernel.database.query(TAMPER);
    await page.click("main form button");
    await page.waitForURL(/\/verify$/);
    assert.match((await page.locator(".zt-table").textContent()) ?? "", /entry\s*3/);
    assert.deepEqual(await violations(page), []);
    await kernel.database.query(TAMPER);
    await context.close();
  });

  test("an operator mends what stopped", async () => {
    const { database } = county.node.site.kernel;
    await database.query(
      "UPDATE service.notice SET status = 'stopped', problem = $2 WHERE id = (SELECT id FROM service.notice WHERE case_id = $1 LIMIT 1)",
      [examined, JSON.stringify({ missingCharacters: ["𣲘"] })],
    );
    const { context, page } = await visit("admin");
    await page.goto("/workbench/stopped");
    assert.match((await page.locator(".zt-table").textContent()) ?? "", /𣲘 U\+23C98/);
    assert.deepEqual(await violations(page), []);
    await page.click("main form button");
    await page.waitForURL(/done=retry/);
    assert.equal(await page.locator(".zt-table").count(), 0);
    await page.goto("/workbench/operations/directory/createPost");
    await page.fill("#title-zh", "档案管理岗");
    await page.fill("#title-en", "Keeper of the archive");
    await page.selectOption("#authority", { label: "清源县市场监督管理局" });
    await page.check("input[value='directory.delegate']");
    await page.click("main form button[type=submit]");
    assert.match((await page.locator("main").textContent()) ?? "", /已办理并记录/);
    await context.close();
  });
});
