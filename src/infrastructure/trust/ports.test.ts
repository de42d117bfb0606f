import assert from "node:assert/strict";
import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { readCertificate } from "#kernel/documents/certificate";
import { openDocuments } from "#kernel/documents/documents";
import { verifySealedPdf } from "#kernel/documents/pdf-seal-verification";
import { sha256Hex } from "#lib/crypto/digest";
import { verifyJws } from "#lib/jws/jws";
import { issueSdJwt } from "#lib/sd-jwt/issue";
import { verifySdJwt } from "#lib/sd-jwt/verify";
import { type KeyEvent, keyEntry } from "./key-event.ts";
import { type OpenTrust, openTrust } from "./ports.ts";

const AT = "2026-11-21T08:00:00Z";
const LATER_MS = Date.parse("2027-11-21T08:00:00Z");
const AUTHORITY = "0197c7a0-0000-7000-8000-000000000001";
const PERSON = "0197c7a0-0000-7000-8000-000000000002";

describe("trust's ports", () => {
  let folder = "";
  let trust: OpenTrust;
  let pdf: Uint8Array;
  const events: KeyEvent[] = [];

  async function open(): Promise<OpenTrust> {
    const opened = await openTrust({ folder, operator: "清源县（演示）", at: AT });
    await opened.connect({
      authorityName: async (id) => (id === AUTHORITY ? "清源县市场监督管理局" : undefined),
      demonstration: true,
      onKeyEvent: async (event) => events.push(event),
    });
    return opened;
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "zhengtong-trust-"));
    trust = await open();
    const source = '#set document(title: "x")\n#set text(font: "Noto Serif SC", lang: "zh")\n许可证';
    const kind = { kind: "test", main: "/test.typ", sources: { "/test.typ": source }, data: z.object({}) };
    const documents = await openDocuments({ kinds: [kind] });
    const rendered = await documents.render({ kind: "test", data: {} }).finally(() => documents.close());
    assert.ok("pdf" in rendered);
    pdf = rendered.pdf;
  });
  after(() => rm(folder, { recursive: true }));

  const sealing = (change: object = {}) => ({
    pdf,
    authority: AUTHORITY,
    seal: "licensing" as const,
    reason: "受理通知书",
    at: AT,
    ...change,
  });

  async function serialOf(sealed: Uint8Array): Promise<string> {
    const verdict = await verifySealedPdf(sealed, { roots: [trust.hierarchy.root], atMs: LATER_MS });
    assert.ok(verdict.ok, JSON.stringify(verdict));
    return verdict.path[0]?.serial ?? "";
  }

  it("makes one certificate for the first seals of an authority, however many come at once", async () => {
    const other = await open();
    const sealed = await Promise.all(
      [trust, other, trust, other, trust].map((one) => one.signer.sealDocument(sealing())),
    );
    const serials = new Set(await Promise.all(sealed.map(serialOf)));
    assert.equal(serials.size, 1);
    assert.equal(events.filter(({ what }) => what === "key-made").length, 1);
    assert.equal((await readdir(join(folder, "certificates"))).length, 1);
    const again = await (await open()).signer.sealDocument(sealing());
    assert.ok(serials.has(await serialOf(again)));
  });

  it("names the authority and the use of the seal, each seal with a key of its own", async () => {
    const verdict = await verifySealedPdf(await trust.signer.sealDocument(sealing({ seal: "authority" })), {
      roots: [trust.hierarchy.root],
      atMs: LATER_MS,
    });
    assert.ok(verdict.ok);
    assert.equal(verdict.sealedBy, "清源县市场监督管理局（样本）");
    assert.equal(verdict.claimedAtMs, Date.parse(AT));
    const licensing = await verifySealedPdf(await trust.signer.sealDocument(sealing()), {
      roots: [trust.hierarchy.root],
      atMs: LATER_MS,
    });
    assert.ok(licensing.ok);
    assert.equal(licensing.sealedBy, "清源县市场监督管理局行政许可专用章（样本）");
    assert.notEqual(licensing.path[0]?.serial, verdict.path[0]?.serial);
  });

  it("does not seal for an authority that nobody knows, nor before it is connected", async () => {
    await assert.rejects(trust.signer.sealDocument(sealing({ authority: PERSON })), { code: "ERR_TRUST_NO_SEAL" });
    const alone = await openTrust({ folder, operator: "清源县（演示）", at: AT });
    await assert.rejects(alone.signer.sealDocument(sealing()), { code: "ERR_ASSERTION" });
  });

  it("signs for a person, with a certificate that names them; a new name has a new certificate", async () => {
    const payload = Buffer.from("申请");
    const type = "test+jws";
    const signAs = (name: string) =>
      trust.signer.signAs({ signer: { kind: "person", id: PERSON, name }, type, payload, at: AT });
    const { token, certificatePem } = await signAs("堃犇喆");
    const certificate = new X509Certificate(certificatePem);
    const read = await verifyJws(token, {
      type,
      verify: (message, signature, { certificates: [own] }) =>
        new X509Certificate(own ?? new Uint8Array()).fingerprint256 === certificate.fingerprint256 &&
        verify("sha256", message, { key: certificate.publicKey, dsaEncoding: "ieee-p1363" }, signature),
    });
    assert.deepEqual(Buffer.from(read?.payload ?? ""), payload);
    assert.equal(read?.header.certificates.length, 2);
    assert.match(certificate.subject, /CN=堃犇喆/);
    assert.equal((await signAs("堃犇喆")).certificatePem, certificatePem);
    const renamed = new X509Certificate((await signAs("堃犇")).certificatePem);
    assert.match(renamed.subject, /CN=堃犇$/m);
    const long = await signAs("阿卜杜".repeat(40));
    assert.ok(long.token.length > 0);
  });

  it("replaces a certificate that is about to end", async () => {
    const soon = await trust.signer.sealDocument(sealing({ seal: "authority", at: "2036-11-19T08:00:00Z" }));
    const ended = await trust.signer.sealDocument(sealing({ seal: "authority", at: "2036-11-21T07:00:00Z" }));
    const serials = await Promise.all(
      [soon, ended].map(async (bytes) => {
        const verdict = await verifySealedPdf(bytes, {
          roots: [trust.hierarchy.root],
          atMs: Date.parse("2036-11-21T07:30:00Z"),
        });
        return verdict.ok ? verdict.path[0]?.serial : verdict.fault;
      }),
    );
    assert.notEqual(serials[0], serials[1]);
  });

  it("signs credentials under the seal, with the certificates that a verifier needs", async () => {
    const request = { authority: AUTHORITY, seal: "licensing", reason: "电子证照", at: AT } as const;
    const signer = await trust.credentialSigner(request);
    const claims = { vct: "urn:example", iss: "http://127.0.0.1:8080" };
    const token = await issueSdJwt({ claims, signer, salt: () => new Uint8Array(16) });
    const verified = await verifySdJwt(token, {
      nowSeconds: LATER_MS / 1000,
      verify: (message, signature, header) => {
        const certificate = readCertificate(new Uint8Array(Buffer.from(header.x5c?.[0] ?? "", "base64")));
        const key = createPublicKey({ key: Buffer.from(certificate.publicKeyInfo), format: "der", type: "spki" });
        return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
      },
    });
    assert.equal(verified.header.x5c?.length, 2);
    assert.equal(verified.claims["vct"], "urn:example");
  });

  it("tells of each use of a key before the signature leaves, and never of what was signed", async () => {
    const before = events.length;
    const sealed = await trust.signer.sealDocument(sealing());
    const [event] = events.slice(before);
    assert.equal(event?.what, "document-sealed");
    assert.equal(event.serial, await serialOf(sealed));
    assert.match(String(event.digest), /^[0-9a-f]{64}$/);
    const entry = keyEntry({ ...event, holder: { kind: "person", id: PERSON } });
    assert.equal(entry.type, "key");
    assert.deepEqual(entry.subjects, [{ kind: "person", id: PERSON, attributes: ["signature"] }]);
    const closed = await openTrust({ folder, operator: "清源县（演示）", at: AT });
    await closed.connect({
      authorityName: async () => "清源县市场监督管理局",
      demonstration: true,
      onKeyEvent: () => Promise.reject(new Error("the ledger is closed")),
    });
    await assert.rejects(closed.signer.sealDocument(sealing()), /ledger is closed/);
  });

  it("gives the same secrets, ledger key and name of the ledger after opening again", async () => {
    const again = await openTrust({ folder, operator: "清源县（演示）", at: AT });
    assert.deepEqual(again.keys.masterKey(), trust.keys.masterKey());
    assert.equal(again.keys.masterKey().length, 32);
    assert.equal(again.checkpointSigner.verifierKey, trust.checkpointSigner.verifierKey);
    assert.match(again.checkpointSigner.origin, /^zhengtong-[0-9a-f]{16}\/ledger$/);
    const [warning] = again.warnings;
    assert.ok(warning?.zh && warning.en);
  });

  it("has a log of a name of its own below a root that several nodes have, and keeps it below another root", async () => {
    const [one, other] = [
      await mkdtemp(join(tmpdir(), "zhengtong-log-")),
      await mkdtemp(join(tmpdir(), "zhengtong-log-")),
    ];
    const nameIn = async (place: string) =>
      (await openTrust({ folder: place, operator: "样本", at: AT })).checkpointSigner.origin;
    try {
      const name = await nameIn(one);
      // As `trust issuer install` leaves it: another root in the place of the one before.
      await copyFile(join(folder, "root.pem"), join(one, "root.pem"));
      assert.equal(await nameIn(one), name);
      await copyFile(join(folder, "root.pem"), join(other, "root.pem"));
      assert.notEqual(await nameIn(other), name);
      // A node of before has a key of its log and no name beside it.
      await rm(join(other, "ledger.name"));
      assert.equal(await nameIn(other), `zhengtong-${sha256Hex(trust.hierarchy.root).slice(0, 16)}/ledger`);
    } finally {
      for (const place of [one, other]) await rm(place, { recursive: true });
    }
  });
});
