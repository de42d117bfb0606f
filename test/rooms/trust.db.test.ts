import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { trust } from "#infrastructure/trust";
import { readCertificate } from "#kernel/documents/certificate";
import type { PostRef, Principal } from "#kernel/system/act";
import { text } from "#lib/language/text";
import { fromPem } from "../../src/infrastructure/trust/certificates/authority-files.ts";
import { keyEntry } from "../../src/infrastructure/trust/key-event.ts";
import { certificateRecords, openTrust } from "../../src/infrastructure/trust/ports.ts";
import trustSystem from "../../src/infrastructure/trust/system.ts";
import { TEST_NOW, testNode } from "../../src/node/testing.ts";
import { answered, refused } from "./answers.ts";

const AUTHORITY = "0197c7a0-0000-7000-8000-000000000001";
const PERSON = "0197c7a0-0000-7000-8000-000000000002";

const folder = await mkdtemp(join(tmpdir(), "zhengtong-trust-"));
const node = await testNode({ systems: [trustSystem] });
after(async () => {
  await node.close();
  await rm(folder, { recursive: true });
});

const own = node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
const anyone = node.as(trust, { kind: "public" }, { purpose: "verification" });
const post = (duties: readonly string[]): PostRef => ({
  id: AUTHORITY,
  title: text("管理员", "Administrator"),
  authority: AUTHORITY,
  authorityName: text("清源县市场监督管理局", "Market regulator"),
  duties,
  division: "990101",
});
const official = (duties: readonly string[]): Principal => ({
  kind: "official",
  id: PERSON,
  post: post(duties),
  assurance: 1,
});
const administrator = node.as(trust, official(["trust.administer"]), { purpose: "administration" });

async function open() {
  const opened = await openTrust({ folder, operator: "清源县（演示）", at: "2026-01-01T00:00:00Z" });
  await opened.connect({
    authorityName: async () => "清源县市场监督管理局",
    demonstration: true,
    records: certificateRecords(own),
    onKeyEvent: (event) => node.kernel.ledger.append(node.kernel.database, [keyEntry(event)]),
  });
  return opened;
}
const opened = await open();

async function sign(at = TEST_NOW, name = "堃犇喆"): Promise<string> {
  const signer = { kind: "person", id: PERSON, name } as const;
  const { certificatePem } = await opened.signer.signAs({ signer, type: "test+jws", payload: Buffer.from("申请"), at });
  return readCertificate(fromPem(certificatePem)).serial;
}

test("Root and issuer are in the register, once, for anyone to verify with", async () => {
  await open();
  const chain = answered(await anyone.certificateChain({}));
  assert.deepEqual(fromPem(chain.root), opened.hierarchy.root);
  assert.deepEqual(fromPem(chain.issuer), opened.hierarchy.issuer("seal").certificate.der);
  assert.equal(answered(await administrator.listCertificates({ subjectKind: "root" })).items.length, 1);
});

test("Certificates made at once by two processes are recorded once", async () => {
  const other = await open();
  const request = { authority: AUTHORITY, seal: "licensing", reason: "x", at: TEST_NOW } as const;
  await Promise.all([opened, other, opened, other].map((one) => one.credentialSigner(request)));
  const { items } = answered(await administrator.listCertificates({ subjectKind: "authority" }));
  assert.equal(items.length, 1);
  const found = answered(await anyone.findCertificate({ serial: items[0]?.serial ?? "" }));
  assert.equal(found.status, "valid");
  assert.equal(found.name, "清源县市场监督管理局行政许可专用章（样本）");
});

test("Whom a personal certificate names is told to nobody; signing is on the person's record", async () => {
  const serial = await sign();
  const found = answered(await anyone.findCertificate({ serial }));
  assert.equal(found.name, undefined);
  refused(await anyone.findCertificate({ serial: "00ff" }), "not-found");
  const { items } = answered(await administrator.listCertificates({ subjectId: PERSON }));
  assert.equal(items[0]?.name, "堃犇喆");
  const page = await node.kernel.ledger.bySubject({ kind: "person", id: PERSON });
  assert.ok(page.records.some(({ leaf }) => leaf.type === "key" && leaf.operation === "record-signed"));
});

test("Only an administrator of trust lists and revokes; nobody but the node records", async () => {
  const clerk = node.as(trust, official(["licensing.accept"]), { purpose: "administration" });
  const serial = await sign();
  refused(await clerk.listCertificates({}), "denied");
  refused(await clerk.revokeCertificate({ serial, reason: "superseded", explanation: "x" }), "denied");
  refused(
    await administrator.recordCertificate({ pem: "x", subjectKind: "node", subjectId: "", use: "none" }),
    "denied",
  );
  refused(await own.recordCertificate({ pem: "x", subjectKind: "node", subjectId: "", use: "none" }), "unreadable");
  const root = readCertificate(opened.hierarchy.root).serial;
  const reason = { reason: "key-compromise", explanation: "试一试" } as const;
  refused(await administrator.revokeCertificate({ serial: root, ...reason }), "not-revocable");
  refused(await administrator.revokeCertificate({ serial: "00ff", ...reason }), "not-found");
});

test("A revoked certificate is replaced within seconds; one that ceased is not", async () => {
  const first = await sign();
  answered(await administrator.revokeCertificate({ serial: first, reason: "key-compromise", explanation: "口令泄露" }));
  const again = await administrator.revokeCertificate({ serial: first, reason: "superseded", explanation: "x" });
  refused(again, "already-revoked");
  assert.equal(answered(await anyone.findCertificate({ serial: first })).status, "revoked");
  const second = await sign("2026-11-18T02:00:06.000Z");
  assert.notEqual(second, first);
  answered(await administrator.revokeCertificate({ serial: second, reason: "cessation", explanation: "注销账户" }));
  await assert.rejects(sign("2026-11-18T02:00:20.000Z"), { code: "ERR_TRUST_CEASED" });
});

test("A certificate that a crash kept out of the register is put in at its next use", async () => {
  const late = await openTrust({ folder, operator: "清源县（演示）", at: "2026-01-01T00:00:00Z" });
  await late.connect({ authorityName: async () => "清源县水利局", demonstration: true });
  const request = { authority: PERSON, seal: "authority", reason: "x", at: TEST_NOW } as const;
  const signer = await late.credentialSigner(request);
  const { serial } = readCertificate(new Uint8Array(Buffer.from(signer.certificates?.[0] ?? "", "base64")));
  refused(await anyone.findCertificate({ serial }), "not-found");
  const next = await openTrust({ folder, operator: "清源县（演示）", at: "2026-01-01T00:00:00Z" });
  await next.connect({
    authorityName: async () => "清源县水利局",
    demonstration: true,
    records: certificateRecords(own),
  });
  await next.credentialSigner(request);
  assert.equal(answered(await anyone.findCertificate({ serial })).status, "valid");
});
