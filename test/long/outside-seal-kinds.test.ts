/** Seals whose keys another body's service keeps, of RSA and of SM2; licences; a certificate that was revoked; a service that never answers. */
import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { PDF } from "@libpdf/core";
import { pino } from "pino";
import { verifyDetachedSeal } from "#kernel/documents/detached-seal";
import { DOCUMENT_SIGNING_USE, verifySealedPdf } from "#kernel/documents/pdf-seal-verification";
import { openServer } from "#kernel/http/server";
import { sm2SpkiOf } from "#lib/crypto/sm2/key-files";
import { generateSm2Key, SM2_GENERATION_BYTES } from "#lib/crypto/sm2/keys";
import { disclosable, issueSdJwt } from "#lib/sd-jwt/issue";
import { rsaPair } from "#lib/x509/testing/rsa-authority";
import { readCertificates } from "../../packages/verifier/src/certificate.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { AuthorityFiles, toPem } from "../../src/infrastructure/trust/certificates/authority-files.ts";
import { certificateRecords, type OpenTrust, openTrust } from "../../src/infrastructure/trust/ports.ts";
import { SealServiceClient } from "../../src/infrastructure/trust/seal-service/client.ts";
import { readSealServiceSettings } from "../../src/infrastructure/trust/seal-service/settings.ts";
import { mountTrust } from "../../src/infrastructure/trust/status/endpoints.ts";
import { freePort } from "../../src/node/demo/temporary-node.ts";
import { verifyToken } from "../../src/services/certificates/verification.ts";
import { type OutsideAuthority, outsideAuthority } from "../harness/outside-authority.ts";
import { SERVICE_PIN, SERVICE_SECRET, type SealService, sealService } from "../harness/remote-seals.ts";
import { folder, openssl, own } from "../rooms/trust-node.ts";

const AUTHORITY = "0197c7a0-0000-7000-8000-000000000001";
const NAME = "邻县市场监督管理局行政许可专用章（外部）";
const [PKCS1, PSS, ECDSA, SM2] = [
  "1.2.840.113549.1.1.11",
  "1.2.840.113549.1.1.10",
  "1.2.840.10045.4.3.2",
  "1.2.156.10197.1.501",
];
/** `openssl` stamps by the system's clock, so everything here goes by it. */
const begun = Temporal.Now.instant();
let now = begun;
const unusable = { code: "ERR_TRUST_SEAL_SERVICE" };

interface SealingNode {
  readonly roots: readonly Uint8Array[];
  readonly seals: readonly object[];
  readonly stampUrl?: string;
  readonly timeoutMs?: number;
}

describe("kinds of seals that another body keeps", () => {
  let service: SealService;
  let body: OutsideAuthority;
  let pdf: Uint8Array;
  const closings: (() => Promise<unknown>)[] = [];
  const records = certificateRecords(own);

  before(async () => {
    body = await outsideAuthority({ openssl, nowMs: () => now.epochMilliseconds });
    service = await sealService();
    closings.push(
      () => body.close(),
      () => service.close(),
    );
    const plain = PDF.create();
    plain.addPage({ size: "a4" });
    pdf = await plain.save();
  });
  after(async () => {
    for (const close of closings) await close();
  });

  const wanted = () =>
    ({ authority: AUTHORITY, seal: "licensing", reason: "准予许可决定书", at: now.toString() }) as const;
  const signed = () => service.asked.filter((method) => method === "signatures/signHash").length;
  const rootsOf = ({ hierarchy }: OpenTrust) => hierarchy.roots.flatMap((root) => [...readCertificates(root)]);
  const verified = (file: Uint8Array, trust: OpenTrust, documents: readonly Uint8Array[] = []) =>
    verifyFile(file, { roots: rootsOf(trust), atMs: now.epochMilliseconds, documents });

  /** A node that trusts these roots, and whose seal the service keeps. */
  async function sealingNode(name: string, { roots, seals, stampUrl, timeoutMs }: SealingNode): Promise<OpenTrust> {
    const place = join(folder, name);
    const settings = { url: service.url, clientId: "county", clientSecretFile: "secret", caFile: "ca.pem" };
    const rows = seals.map((one) => ({ authority: AUTHORITY, seal: "licensing", pinFile: "pin", ...one }));
    await mkdir(place, { recursive: true });
    await Promise.all([
      writeFile(join(place, "secret"), `${SERVICE_SECRET}\n`),
      writeFile(join(place, "pin"), SERVICE_PIN),
      writeFile(join(place, "ca.pem"), service.ca),
      writeFile(join(place, "seals.json"), JSON.stringify({ ...settings, timeoutMs, seals: rows })),
    ]);
    const about = { folder: place, operator: "邻县（演示）", at: "2026-01-01T00:00:00Z" };
    await openTrust(about);
    for (const root of roots) await new AuthorityFiles(place).addRoot(root);
    const sealService = seals.length === 0 ? undefined : await readSealServiceSettings(join(place, "seals.json"));
    const opened = await openTrust({ ...about, stampUrl, sealService });
    await opened.connect({
      ...{ authorityName: async () => "邻县市场监督管理局", demonstration: true, records },
      status: { front: own, now: () => now.toString(), publicUrl: "http://127.0.0.1:8080" },
    });
    return opened;
  }

  async function licenceOf(trust: OpenTrust): Promise<string> {
    const claims = {
      vct: "https://qingyuan.example/licence",
      number: "JY29901210000172",
      operator: disclosable("某店（样本）"),
    };
    const signer = await trust.credentialSigner(wanted());
    return issueSdJwt({ claims, signer, salt: () => new Uint8Array(randomBytes(16)) });
  }

  for (const [kind, algorithm] of [
    ["PKCS #1", PKCS1],
    ["PSS", PSS],
  ] as const)
    test(`RSA (${kind}) seals PDF; what lies beside it and licences are of the node's own key`, async () => {
      const pair = rsaPair();
      const certificate = body.certify(NAME, pair.info, DOCUMENT_SIGNING_USE);
      service.credentials.set("rsa", {
        key: pair.key,
        certificates: [certificate, body.issuer],
        algorithms: [algorithm ?? ""],
      });
      const sealing = await sealingNode(`rsa-${algorithm}`, { roots: [body.root], seals: [{ credential: "rsa" }] });
      const sealed = await sealing.signer.sealDocument({ pdf, ...wanted() });
      const verdict = await verifySealedPdf(sealed, {
        roots: sealing.hierarchy.documentRoots,
        atMs: now.epochMilliseconds,
      });
      assert.ok(verdict.ok, JSON.stringify(verdict));
      assert.deepEqual([verdict.sealedBy, verdict.level, verdict.standing.kind], [NAME, "B-LTA", "good"]);
      const report = await verified(sealed, sealing);
      assert.equal(report.verdict, "valid", JSON.stringify(report.findings));
      assert.ok(report.findings.some(({ code }) => code === "not-revoked"));
      const before = signed();
      const beside = await sealing.signer.sealBeside({ document: sealed, ...wanted() });
      const judged = await verifyDetachedSeal(beside, sealed, {
        roots: sealing.hierarchy.roots,
        atMs: now.epochMilliseconds,
      });
      assert.ok(judged.ok && judged.sealedBy !== NAME, JSON.stringify(judged));
      assert.equal((await verified(beside, sealing, [sealed])).verdict, "valid");
      assert.equal((await verified(Buffer.from(await licenceOf(sealing)), sealing)).verdict, "valid");
      assert.equal(signed(), before, "the RSA key was not asked");
    });

  test("RSA from seal to stamp; and stamps of another authority on a seal of the node's own", async (context) => {
    if (openssl === undefined) return context.skip("the openssl command is not installed");
    const pair = rsaPair();
    const certificates = [body.certify(NAME, pair.info, DOCUMENT_SIGNING_USE), body.issuer];
    service.credentials.set("rsa-stamped", { key: pair.key, certificates, algorithms: [PKCS1 ?? ""] });
    const { stampUrl } = body;
    const roots = [body.root];
    const sealing = await sealingNode("rsa-stamped", { roots, stampUrl, seals: [{ credential: "rsa-stamped" }] });
    const unkept = await sealingNode("own-stamped", { roots, stampUrl, seals: [] });
    for (const trust of [sealing, unkept]) {
      const sealed = await trust.signer.sealDocument({ pdf, ...wanted() });
      const verdict = await verifySealedPdf(sealed, {
        ...{ roots: trust.hierarchy.documentRoots, atMs: now.epochMilliseconds + 60_000 },
      });
      assert.ok(verdict.ok, JSON.stringify(verdict));
      assert.equal(verdict.level, "B-LTA");
      const report = await verifyFile(sealed, { roots: rootsOf(trust), atMs: now.epochMilliseconds + 60_000 });
      assert.equal(report.verdict, "valid", JSON.stringify(report.findings));
    }
  });

  test("SM2 seals beside documents; PDF and licences stay with the international one", async () => {
    const publicUrl = `http://127.0.0.1:${await freePort()}`;
    const suites = { suite: "national", postQuantum: false } as const;
    const national = await openTrust({
      ...{
        folder: join(folder, "sm2-body"),
        operator: "认证机构（样本）",
        at: "2026-01-01T00:00:00Z",
        publicUrl,
        suites,
      },
    });
    const linked = { front: own, now: () => now.toString(), publicUrl };
    await national.connect({ authorityName: async () => undefined, demonstration: true, records, status: linked });
    const server = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });
    await mountTrust(server, { ...linked, trust: national, proof: async () => undefined });
    await server.listen({ host: "127.0.0.1", port: Number(new URL(publicUrl).port) });
    closings.push(() => server.close());
    const sm2 = generateSm2Key(new Uint8Array(randomBytes(SM2_GENERATION_BYTES)));
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const certify = async (publicKeyInfo: Uint8Array, suite: "national" | "international") => {
      const subject = { commonName: NAME, organization: "邻县市场监督管理局" };
      const der = await national.hierarchy.issue({ profile: "seal", subject, publicKeyInfo, suite, at: now });
      await records.add({ pem: toPem(der), subjectKind: "authority", subjectId: AUTHORITY, use: "licensing" });
      return [der, national.hierarchy.issuer("seal", suite).certificate.der];
    };
    service.credentials.set("sm2", {
      key: sm2,
      certificates: await certify(sm2SpkiOf(sm2.publicKey), "national"),
      algorithms: [SM2 ?? ""],
    });
    const info = new Uint8Array(ec.publicKey.export({ format: "der", type: "spki" }));
    service.credentials.set("p256", {
      key: ec.privateKey,
      certificates: await certify(info, "international"),
      algorithms: [ECDSA ?? ""],
    });
    const seals = [{ credential: "p256" }, { credential: "sm2", suite: "national" }];
    const sealing = await sealingNode("sm2", { roots: national.hierarchy.roots, seals });
    const sealed = await sealing.signer.sealDocument({ pdf, ...wanted() });
    const report = await verified(sealed, sealing);
    assert.equal(report.verdict, "valid", JSON.stringify(report.findings));
    const before = signed();
    const beside = await sealing.signer.sealBeside({ document: sealed, ...wanted() });
    assert.equal(signed(), before + 1);
    assert.deepEqual(
      JSON.parse(Buffer.from(JSON.parse(Buffer.from(beside).toString()).payload, "base64url").toString()).algorithms,
      [`urn:oid:${SM2}`],
    );
    const judged = await verifyDetachedSeal(beside, sealed, {
      roots: sealing.hierarchy.roots,
      atMs: now.epochMilliseconds,
    });
    assert.ok(judged.ok && judged.sealedBy === NAME, JSON.stringify(judged));
    assert.equal((await verified(beside, sealing, [sealed])).verdict, "valid");
    // A licence is P-256's.
    const token = await licenceOf(sealing);
    const atMs = now.epochMilliseconds;
    const verdict = await verifyToken(token, { roots: sealing.hierarchy.documentRoots, atMs });
    assert.ok(verdict.ok && verdict.sealedBy === NAME, JSON.stringify(verdict));
    assert.equal((await verified(Buffer.from(token), sealing)).verdict, "valid");
    // What the settings call national is SM2, and what they do not is not.
    const p256 = service.credentials.get("p256");
    if (p256 !== undefined) service.credentials.set("sm2", p256);
    await assert.rejects(sealing.signer.sealBeside({ document: sealed, ...wanted() }), unusable);
  });

  test("nothing is sealed once the certificate was revoked, or nobody answers for it", async () => {
    const pair = rsaPair();
    const certificate = body.certify(NAME, pair.info, DOCUMENT_SIGNING_USE);
    service.credentials.set("ending", {
      key: pair.key,
      certificates: [certificate, body.issuer],
      algorithms: [PKCS1 ?? ""],
    });
    const sealing = await sealingNode("ending", { roots: [body.root], seals: [{ credential: "ending" }] });
    const seal = () => sealing.signer.sealDocument({ pdf, ...wanted() });
    const earlier = await seal();
    body.revoke(certificate, { atMs: now.epochMilliseconds, reason: "keyCompromise" });
    now = now.add({ minutes: 2 });
    const before = signed();
    await assert.rejects(seal(), { ...unusable, message: /certificate: revoked$/ });
    assert.equal(signed(), before, "it was not even asked to sign");
    assert.equal((await verified(earlier, sealing)).verdict, "valid", "what was sealed before stays");

    const other = body.certify(NAME, pair.info, DOCUMENT_SIGNING_USE);
    service.credentials.set("ending", { key: pair.key, certificates: [other, body.issuer], algorithms: [PKCS1 ?? ""] });
    body.answers = false;
    await assert.rejects(seal(), { ...unusable, message: /certificate: status-unknown$/ });
    body.answers = true;
    assert.ok(await seal());
  });

  for (const how of ["silence", "trickle"] as const)
    test(`a service that never comes to an end is given up after the time of its settings (${how})`, async () => {
      service.misbehave("oauth2/token", how);
      const client = new SealServiceClient({
        ...{
          url: service.url,
          tokenUrl: `${service.url}/oauth2/token`,
          clientId: "county",
          clientSecret: SERVICE_SECRET,
        },
        ...{ ca: service.ca, seals: [], timeoutMs: 50 },
      });
      await assert.rejects(client.credentials(), { ...unusable, message: /no answer$/ });
      // The start says so, and goes on.
      const sealing = await sealingNode(`silent-${how}`, { roots: [], seals: [{ credential: "any" }], timeoutMs: 50 });
      assert.match(sealing.warnings.map(({ en }) => en).join(), /seal service does not answer/);
      service.misbehave("oauth2/token", undefined);
    });
});
