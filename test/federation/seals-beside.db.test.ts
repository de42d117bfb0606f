/** A seal that lies beside a document, as people have it: downloaded from the portal, kept, and brought to be verified. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sha256Hex } from "#lib/crypto/digest";
import { type Certificate, readCertificates } from "../../packages/verifier/src/certificate.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { type RawAnswer, RawClient } from "../adversarial/raw-client.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";
import { licensingSteps } from "./licensing-steps.ts";

let county: LicensingCounty;
let owner: RawClient;
let anyone: RawClient;
let roots: readonly Certificate[] = [];
let number = "";
before(async () => {
  county = await licensingCounty();
  number = await licensingSteps(() => county).licensed();
  owner = new RawClient(county.node.address);
  await owner.signIn("owner");
  anyone = new RawClient(county.node.address);
  const page = await owner.open("/my/identity");
  await owner.fill(page, /identity/, { identity: county.shop });
  roots = readCertificates(new Uint8Array(await downloaded(anyone, "/trust/ca/root.pem")));
});
after(() => county.close());

async function downloaded(client: RawClient, path: string): Promise<Buffer> {
  const { status, bytes } = await client.send(path);
  assert.equal(status, 200, path);
  return bytes;
}

/** The form of the page, as a browser sends it: a file that was not chosen has no name and no bytes. */
async function verified(pdf: Uint8Array | undefined, seal?: Uint8Array): Promise<RawAnswer> {
  const csrf = /name="csrf" value="([^"]*)"/.exec((await anyone.open("/verify")).text)?.[1] ?? "";
  const part = (name: string, file: string, bytes: Uint8Array) =>
    Buffer.concat([
      Buffer.from(
        `Content-Disposition: form-data; name="${name}"; filename="${file}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
      ),
      bytes,
    ]);
  return anyone.upload("/verify", [
    `Content-Disposition: form-data; name="csrf"\r\n\r\n${csrf}`,
    part("file", pdf ? "licence.pdf" : "", pdf ?? new Uint8Array()),
    part("seal", seal ? "licence.seal.json" : "", seal ?? new Uint8Array()),
  ]);
}

/** Off line, with nothing but what was downloaded and the root. */
async function offline(pdf: Uint8Array, seal: Uint8Array): Promise<string> {
  const report = await verifyFile(new Uint8Array(seal), {
    ...{ roots, atMs: Date.now(), documents: [new Uint8Array(pdf)] },
  });
  return report.verdict;
}

test("the seals of a licence's copies are downloaded, and hold with their copy alone, here and off line", async () => {
  const page = await owner.open("/my/licences");
  const links = [...page.text.matchAll(/href="(\/my\/licences\/[^"]*\/seal)"/g)].map(([, path]) => path ?? "");
  assert.equal(links.length, 2, "each copy has one");
  const [first, second] = await Promise.all(
    links.map(async (path) => ({
      seal: await downloaded(owner, path),
      pdf: await downloaded(owner, path.replace(/\/seal$/, "")),
    })),
  );
  assert.ok(first && second);
  const good = await verified(first.pdf, first.seal);
  assert.match(good.text, /seal beside the file is valid/);
  assert.match(good.text, /genuine and whole/);
  assert.match((await verified(first.pdf, second.seal)).text, /of another file, or the file was changed/);
  const spoilt = Buffer.from(first.seal.toString().replace(/"signature": ?"..../, '"signature": "AAAA'));
  assert.notDeepEqual(spoilt, first.seal);
  assert.match((await verified(first.pdf, spoilt)).text, /seal beside the file is not valid/);
  assert.match((await verified(first.pdf, Buffer.from("[1, 2"))).text, /seal beside the file is not valid/);
  assert.equal((await verified(first.pdf, Buffer.alloc(1_000_000, "x"))).status < 500, true);
  assert.equal(await offline(first.pdf, first.seal), "valid");
  assert.equal(await offline(second.pdf, first.seal), "unanchored");

  // Whoever has the file can name its digest.
  const own = await downloaded(anyone, `/verify/seals/${sha256Hex(first.pdf)}`);
  assert.deepEqual(own, first.seal);
  for (const path of [
    `/verify/seals/${"0".repeat(64)}`,
    "/verify/seals/..%2f..",
    `/verify/seals/${sha256Hex(first.seal)}`,
  ])
    assert.equal((await anyone.send(path)).status, 404, path);
});

test("the seal of a notice is downloaded by whom the notice is for, and by nobody else", async () => {
  const cases = await owner.open("/my/cases");
  const [, path = ""] = /href="(\/cases\/[^"]*)"/.exec(cases.text) ?? [];
  const seen = await owner.open(path);
  const links = [...seen.text.matchAll(/href="(\/notices\/[^"]*\/seal)"/g)].map(([, one]) => one ?? "");
  assert.ok(links.length > 0, "notices have seals beside them");
  for (const link of links) {
    const seal = await downloaded(owner, link);
    const pdf = await downloaded(owner, link.replace(/\/seal$/, ""));
    assert.match((await verified(pdf, seal)).text, /seal beside the file is valid/);
    assert.equal(await offline(pdf, seal), "valid");
    for (const who of [anyone, await signedIn("neighbour")]) {
      const { status, bytes } = await who.send(link);
      assert.ok(status >= 300 && status < 500, `${status}`);
      assert.ok(!bytes.includes("signatures"));
    }
  }
});

test("a seal without its document is asked for the document, not judged", async () => {
  const { seal } = { seal: await downloaded(owner, `/my/licences/${number}/original/seal`) };
  const { status, text } = await verified(undefined, seal);
  assert.equal(status < 500, true);
  assert.match(text, /choose a file/);
});

async function signedIn(name: string): Promise<RawClient> {
  const client = new RawClient(county.node.address);
  await client.signIn(name);
  return client;
}
