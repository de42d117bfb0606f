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
type Made = Readonly<Record<string, unknown>> & {
  readonly why?: string;
  readonly expect?: string;
  readonly code?: string;
};

function check(
  expected: readonly Made[],
  found: readonly { readonly verdict: string; readonly codes: readonly string[] }[],
) {
  assert.equal(found.length, expected.length);
  for (const [at, { why, expect, code = "" }] of expected.entries()) {
    assert.equal(found[at]?.verdict, expect, `${why}: ${found[at]?.codes}`);
    assert.ok(found[at]?.codes.includes(code), `${why}: ${code} in ${found[at]?.codes}`);
  }
}

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

  /** What the page says of files that are given together, the newest trust filled in. */
  async function said(
    fields: Readonly<Record<string, string>>,
    given: readonly (readonly [name: string, content: Uint8Array | string])[],
  ) {
    for (const id of ["log-key", "peer-log-key", "node-keys", "witnesses", "quorum", "checkpoint", "at"])
      await page.fill(`#${id}`, fields[id] ?? "");
    const place = mkdtempSync(join(folder, "files-"));
    const write = (name: string, content: Uint8Array | string) => {
      writeFileSync(join(place, name), content);
      return join(place, name);
    };
    await page.setInputFiles("#roots", fields["root"] === undefined ? [] : [write("root.pem", fields["root"])]);
    await page.setInputFiles(
      "#files",
      given.map(([name, content]) => write(name, content)),
    );
    await page.click("#go");
    await page.locator("#go:enabled").waitFor();
    return await page.evaluate<{ verdict: string; codes: string[] }[]>(
      `[...document.querySelectorAll(".report")].map((one) => ({
        verdict: one.classList[1], codes: [...one.querySelectorAll("li")].map(({ dataset }) => dataset.code) }))`,
    );
  }
  const vectors = (name: string) => JSON.parse(readFileSync(join(VECTORS, name), "utf8"));

  test("takes evidence of calls, witnessed checkpoints, detached seals, RSA and bundles as the command does", async () => {
    await page.evaluate('document.getElementById("more").open = true');
    const exchange = vectors("exchange.json");
    const evidence = exchange.cases.map(({ evidence: one }: Made, at: number) => [`${at}.json`, JSON.stringify(one)]);
    const nodeKeys = exchange.nodeKeys.map(({ node, spki }: Record<string, string>) => `${node}=${spki}`).join("\n");
    const keys = { "log-key": exchange.logKey, "peer-log-key": exchange.peerLogKey, "node-keys": nodeKeys };
    check(exchange.cases, await said({ ...keys, at: "2026-12-01T00:00" }, evidence));

    const witness = vectors("witness.json");
    const notes = witness.cases.map(({ note }: Made, at: number) => [`${at}.txt`, note]);
    const policy = { witnesses: witness.witnesses.join("\n"), quorum: String(witness.quorum) };
    check(witness.cases, await said({ "log-key": witness.logKey, ...policy }, notes));

    // SM2 and Ed25519 with ML-DSA-65, which no browser knows.
    const seals = vectors("detached-seals.json");
    const common = seals.cases.filter((one: Made) => one["roots"] === undefined && one["at"] === undefined);
    assert.ok(common.length > 3);
    for (const one of common.slice(0, 4)) {
      const document = Buffer.from((one.document ?? seals.document) as string, "base64");
      const files = [
        ["seal.json", one.seal],
        ["document.pdf", document],
      ] as const;
      const [first] = await said({ root: seals.roots.join("\n"), at: seals.at.slice(0, 16) }, files);
      check([one], first === undefined ? [] : [first]);
    }

    // RSA of other authorities, by the browser's own cryptography.
    const rsa = vectors("rsa.json");
    const alikeRsa = rsa.cases.filter((one: Made) => one["roots"] === undefined && one.code !== "*");
    assert.ok(alikeRsa.length > 10);
    const at = new Date(Date.parse(rsa.at) + 120_000).toISOString().slice(0, 16);
    const sealed = alikeRsa.map(({ file }: Made, place: number) => [`${place}`, Buffer.from(String(file), "base64")]);
    check(alikeRsa, await said({ root: rsa.roots.join("\n"), at }, sealed));

    const bundles = vectors("evidence.json");
    const alike = bundles.cases.filter(
      (one: Made) => one["issuanceRequired"] === undefined && one["roots"] === undefined,
    );
    const written = alike.map(({ bundle }: Made, at: number) => [`${at}.json`, JSON.stringify(bundle)]);
    check(alike, await said({ "log-key": bundles.logKey, at: "2026-06-01T00:00" }, written));
    const [strict] = bundles.cases.filter((one: Made) => one["issuanceRequired"] === true);
    await page.check("#require-issued");
    const refused = await said({ "log-key": bundles.logKey, root: strict.roots[0] }, [
      ["b.json", JSON.stringify(strict.bundle)],
    ]);
    await page.uncheck("#require-issued");
    check([strict], refused);
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
