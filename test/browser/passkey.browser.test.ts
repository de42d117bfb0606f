import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import type { TargetNode } from "../adversarial/target-node.ts";
import { issuingNode } from "../guides/openid-node.ts";
import { ARGUMENTS, CHROMIUM, proveWhoItIs, tooWide, violations } from "./page-checks.ts";

describe("passkeys, by the browser's own virtual authenticator", {
  skip: CHROMIUM ? false : "no Chromium is installed; install one to run these tests",
}, () => {
  let browser: Browser;
  let target: TargetNode;
  let context: BrowserContext;
  let page: Page;
  let device: CDPSession;
  let authenticatorId: string;
  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ARGUMENTS });
    target = await issuingNode();
    ({ context, page, device, authenticatorId } = await withDevice());
  });
  after(async () => {
    await browser.close();
    await target.close();
  });

  /** A window whose computer has an authenticator of its own, which verifies its holder. */
  async function withDevice() {
    const baseURL = target.address.replace("127.0.0.1", "localhost");
    const own = await browser.newContext({ baseURL, locale: "en-GB", viewport: { width: 375, height: 812 } });
    own.setDefaultTimeout(6_000);
    const opened = await own.newPage();
    const session = await own.newCDPSession(opened);
    await session.send("WebAuthn.enable");
    const made = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return { context: own, page: opened, device: session, authenticatorId: made.authenticatorId };
  }
  const passkeyForm = "form[data-passkey]";
  const levels = () =>
    target.database.database.query<{ assurance: number; methods: string[] }>(
      "SELECT assurance, methods FROM identity.session ORDER BY opened_at DESC LIMIT 1",
    );
  async function signOut() {
    await page.click("form[action='/sign-out'] button");
    await page.waitForURL(/\/$/);
  }

  test("one is added after a proof, named, and used to sign in, at the third level", async () => {
    await page.goto("/sign-in");
    await page.fill("#signInName", "owner");
    await page.fill("#password", DEMONSTRATION_PASSWORD);
    await page.click("form[action='/sign-in'] button[type=submit]");
    await page.waitForURL(/\/my/);
    await page.goto("/account/passkeys/new");
    await proveWhoItIs(page);
    await page.waitForURL(/passkeys\/new/);
    await page.fill("#name", "我的电脑");
    assert.equal(await page.locator("[data-passkey-failed] p").isVisible(), false, "nothing failed yet");
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(await tooWide(page), []);
    await page.click(`${passkeyForm} button`);
    await page.waitForSelector("h1:has-text('The passkey is added')");
    assert.equal(await page.locator("main li code").count(), 10, "with the first of one's own come recovery codes");
    await page.goto("/account/security");
    assert.match((await page.locator(".zt-files").textContent()) ?? "", /我的电脑, in one device alone/);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(await tooWide(page), []);

    await signOut();
    await page.goto("/sign-in?back=/my/account");
    await page.click(`${passkeyForm} button`);
    await page.waitForURL(({ pathname }) => pathname === "/my/account");
    const [row] = await levels();
    assert.deepEqual([row?.assurance, row?.methods], [3, ["pop", "user"]]);
  });

  test("it proves who one is, and lands where one was", async () => {
    await target.database.database.execute(
      "UPDATE identity.session SET level3_at = level3_at - interval '1 hour', assurance = 1",
      [],
    );
    await page.goto("/account/generator/new");
    await page.waitForURL(({ pathname }) => pathname === "/sign-in/step-up");
    await page.click(`${passkeyForm} button`);
    await page.waitForURL(/generator\/new/);
    assert.equal((await levels())[0]?.assurance, 3);
  });

  test("an answer counts once, for its own session and use, and a copy that counts back for nothing", async () => {
    await page.goto("/sign-in/step-up?level=3&within=1");
    // What the browser would send, caught on its way.
    const caught: string[] = [];
    await page.route("**/sign-in/step-up", async (route) => {
      caught.push(route.request().postData() ?? "");
      await route.continue();
    });
    await target.database.database.execute("UPDATE identity.session SET level3_at = NULL, assurance = 1", []);
    await page.goto("/sign-in/step-up?level=3");
    await page.click(`${passkeyForm} button`);
    await page.waitForURL((url) => url.pathname === "/");
    const response = new URLSearchParams(caught[0]).get("response") ?? "";
    assert.match(response, /clientDataJSON/);
    const send = async (path: string, fields: Record<string, string>) => {
      await page.goto("/my/account");
      const csrf = await page.inputValue("form[action='/my/account'] input[name=csrf]");
      return page.request.post(path, { form: { csrf, ...fields }, maxRedirects: 0 });
    };
    assert.equal((await send("/sign-in/step-up", { response, level: "3" })).status(), 422, "again");
    assert.equal((await send("/sign-in/passkey", { response })).status(), 422, "to sign in with what was a proof");
    await page.unroute("**/sign-in/step-up");

    await target.database.database.execute("UPDATE identity.passkey SET counter = 1000000", []);
    await target.database.database.execute("UPDATE identity.session SET level3_at = NULL, assurance = 1", []);
    await page.goto("/sign-in/step-up?level=3");
    await page.click(`${passkeyForm} button`);
    await page.waitForSelector(".govuk-error-summary");
    assert.match((await page.locator(".govuk-error-summary").textContent()) ?? "", /could not be verified/);
    await target.database.database.execute("UPDATE identity.passkey SET counter = 0", []);
  });

  test("without its holder verified it is worth nothing; removed, it signs nobody in", async () => {
    await signOut();
    await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    await page.goto("/sign-in");
    await page.click(`${passkeyForm} button`);
    await page.waitForSelector("[data-passkey-failed]:not([hidden])");
    await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
    await page.click(`${passkeyForm} button`);
    await page.waitForURL(/\/my/);
    await page.goto("/account/security");
    await page.click(".zt-files button");
    await page.waitForURL(/done=passkey/);
    await signOut();
    await page.goto("/sign-in");
    await page.click(`${passkeyForm} button`);
    await page.waitForSelector(".govuk-error-summary");
    await context.close();
  });

  test("under another name, and without scripts, nothing of it shows and everything else works", async () => {
    const plain = await browser.newContext({ baseURL: target.address, javaScriptEnabled: true });
    const other = await plain.newPage();
    await other.goto("/sign-in");
    assert.equal(await other.locator(passkeyForm).isVisible(), false, "an address in numbers has no passkeys");
    await plain.close();
  });
});
