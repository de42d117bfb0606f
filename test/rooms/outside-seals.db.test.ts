/** Seals whose keys another body's service keeps (CSC API v2 over HTTPS), in PDF, beside documents and on credentials. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { PDF } from "@libpdf/core";
import { pino } from "pino";
import { verifyDetachedSeal } from "#kernel/documents/detached-seal";
import { verifySealedPdf } from "#kernel/documents/pdf-seal-verification";
import { openServer } from "#kernel/http/server";
import { readX509 } from "#lib/x509/certificate";
import { readCertificates } from "../../packages/verifier/src/certificate.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { AuthorityFiles, toPem } from "../../src/infrastructure/trust/certificates/authority-files.ts";
import type { KeyEvent } from "../../src/infrastructure/trust/key-event.ts";
import { certificateRecords, type OpenTrust, openTrust } from "../../src/infrastructure/trust/ports.ts";
import { readSealServiceSettings } from "../../src/infrastructure/trust/seal-service/settings.ts";
import { mountTrust } from "../../src/infrastructure/trust/status/endpoints.ts";
import { freePort } from "../../src/node/demo/temporary-node.ts";
import { SERVICE_PIN, SERVICE_SECRET, type SealService, sealService } from "../harness/remote-seals.ts";
import { folder, own, start } from "./trust-node.ts";

const AUTHORITY = "0197c7a0-0000-7000-8000-000000000001";
const OTHER = "0197c7a0-0000-7000-8000-000000000003";
const NAME = "邻县市场监督管理局行政许可专用章（外部）";
const at = start.toString();
const atMs = start.epochMilliseconds;
const wanted = { authority: AUTHORITY, seal: "licensing", reason: "准予许可决定书", at } as const;
const unusable = { code: "ERR_TRUST_SEAL_SERVICE" };

describe("seals that another body keeps", () => {
  let service: SealService;
  let sealing: OpenTrust;
  let pdf: Uint8Array;
  let serial = "";
  const events: KeyEvent[] = [];
  const place = join(folder, "kept-elsewhere");
  const closings: (() => Promise<unknown>)[] = [];

  before(async () => {
    const publicUrl = `http://127.0.0.1:${await freePort()}`;
    const body = await openTrust({
      ...{ folder: join(folder, "body"), operator: "认证机构（样本）", at: "2026-01-01T00:00:00Z", publicUrl },
    });
    const linked = { front: own, now: () => at, publicUrl };
    const records = certificateRecords(own);
    await body.connect({ authorityName: async () => undefined, demonstration: true, records, status: linked });
    const server = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });
    await mountTrust(server, { ...linked, trust: body, proof: async () => undefined });
    await server.listen({ host: "127.0.0.1", port: Number(new URL(publicUrl).port) });
    closings.push(() => server.close());
    const { privateKey: key, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const certificate = await body.hierarchy.issue({
      ...{ profile: "seal", subject: { commonName: NAME, organization: "邻县市场监督管理局" } },
      ...{ publicKeyInfo: new Uint8Array(publicKey.export({ format: "der", type: "spki" })), at: start },
    });
    await records.add({ pem: toPem(certificate), subjectKind: "authority", subjectId: AUTHORITY, use: "licensing" });
    const issuer = body.hierarchy.issuer("seal").certificate;
    serial = readX509(certificate).serial;
    service = await sealService();
    closings.push(() => service.close());
    service.credentials.set("county-licensing", {
      ...{ key, certificates: [certificate, issuer.der], algorithms: ["1.2.840.10045.4.3.2"] },
    });
    await mkdir(place, { recursive: true });
    const seals = [
      { authority: AUTHORITY, seal: "licensing", credential: "county-licensing", pinFile: "pin" },
      { authority: OTHER, seal: "authority", credential: "unknown" },
    ];
    const settings = { url: service.url, clientId: "county", clientSecretFile: "secret", caFile: "ca.pem", seals };
    await Promise.all([
      writeFile(join(place, "secret"), `${SERVICE_SECRET}\n`),
      writeFile(join(place, "pin"), SERVICE_PIN),
      writeFile(join(place, "ca.pem"), service.ca),
      writeFile(join(place, "seals.json"), JSON.stringify(settings)),
    ]);
    const about = { folder: place, operator: "邻县（演示）", at: "2026-01-01T00:00:00Z" };
    await openTrust(about);
    await new AuthorityFiles(place).addRoot(body.hierarchy.root);
    sealing = await openTrust({ ...about, sealService: await readSealServiceSettings(join(place, "seals.json")) });
    await sealing.connect({
      ...{ authorityName: async () => "邻县市场监督管理局", demonstration: true, records },
      onKeyEvent: async (event) => events.push(event),
      status: { front: own, now: () => at, publicUrl: "http://127.0.0.1:8080" },
    });
    const plain = PDF.create();
    plain.addPage({ size: "a4" });
    pdf = await plain.save();
  });
  after(async () => {
    for (const close of closings) await close();
  });

  test("the start names credentials that the service does not have", () => {
    assert.match(sealing.warnings.map(({ en }) => en).join("\n"), /no such credentials: unknown/);
  });

  test("a document is sealed by the service, judged by both verifiers, and on the record; its issuer's answer is in it", async () => {
    const sealed = await sealing.signer.sealDocument({ pdf, ...wanted });
    const { documentRoots } = sealing.hierarchy;
    const verdict = await verifySealedPdf(sealed, { roots: documentRoots, atMs });
    assert.ok(verdict.ok, JSON.stringify(verdict));
    assert.deepEqual([verdict.sealedBy, verdict.level, verdict.standing.kind], [NAME, "B-LTA", "good"]);
    const roots = documentRoots.flatMap((root) => [...readCertificates(root)]);
    assert.equal((await verifyFile(sealed, { roots, atMs })).verdict, "valid");
    const told = events.find(({ what }) => what === "document-sealed");
    assert.deepEqual([told?.holder.id, told?.serial], [AUTHORITY, serial]);
    const before = service.asked.length;
    const beside = await sealing.signer.sealBeside({ document: sealed, ...wanted });
    const judged = await verifyDetachedSeal(beside, sealed, { roots: sealing.hierarchy.roots, atMs });
    assert.ok(judged.ok && judged.sealedBy === NAME, JSON.stringify(judged));
    assert.deepEqual(service.asked.slice(before), ["credentials/info", "credentials/authorize", "signatures/signHash"]);
  });

  test("another seal is the node's own, as before", async () => {
    const asked = service.asked.length;
    const sealed = await sealing.signer.sealDocument({ pdf, ...wanted, authority: OTHER });
    const verdict = await verifySealedPdf(sealed, { roots: [sealing.hierarchy.root], atMs });
    assert.ok(verdict.ok, JSON.stringify(verdict));
    assert.equal(service.asked.length, asked);
  });

  test("a token that was given up is fetched anew, once", async () => {
    service.forgetTokens();
    assert.ok(await sealing.signer.sealDocument({ pdf, ...wanted }));
  });

  test("whatever is wrong with the service, nothing is sealed in its place, and neither secret nor answer is told", async () => {
    const honest = service.credentials.get("county-licensing");
    assert.ok(honest);
    const cases: readonly (readonly [string, number, unknown, RegExp])[] = [
      ["credentials/info", 400, { error: "invalid_request" }, /credentials\/info: 400 invalid_request$/],
      ["credentials/info", 200, { key: {} }, /in another form$/],
      ["credentials/info", 200, "x".repeat(300_000), /no answer/],
      ["credentials/authorize", 400, { error: "invalid_pin" }, /invalid_pin$/],
      ["signatures/signHash", 200, { signatures: ["MAYCAQECAQE="] }, /its certificate does not verify/],
      ["signatures/signHash", 302, {}, /signHash: 302$/],
      ["signatures/signHash", 500, { error: "<b>secret</b>" }, /signHash: 500$/],
    ];
    for (const [method, status, body, message] of cases) {
      service.misbehave(method, { status, body });
      await assert.rejects(sealing.signer.sealDocument({ pdf, ...wanted }), { ...unusable, message }, String(message));
      service.misbehave(method, undefined);
    }
    service.credentials.set("county-licensing", { ...honest, algorithms: ["1.3.101.112"] });
    await assert.rejects(sealing.signer.sealDocument({ pdf, ...wanted }), {
      ...unusable,
      message: /another algorithm/,
    });
    service.credentials.set("county-licensing", { ...honest, certificates: [sealing.hierarchy.root] });
    await assert.rejects(sealing.signer.sealDocument({ pdf, ...wanted }), unusable);
    service.credentials.set("county-licensing", honest);
    await service.close();
    closings.pop();
    await assert.rejects(sealing.signer.sealDocument({ pdf, ...wanted }), { ...unusable, message: /no answer/ });
  });

  test("settings that are no settings are refused, http among them", async () => {
    const file = join(place, "wrong.json");
    for (const wrong of [
      "{",
      JSON.stringify({ url: "http://seals.example/csc/v2", clientId: "a", clientSecretFile: "secret", seals: [] }),
      JSON.stringify({ url: service.url, clientId: "a", clientSecretFile: "nowhere", seals: [] }),
    ]) {
      await writeFile(file, wrong);
      await assert.rejects(readSealServiceSettings(file), { code: "ERR_TRUST_SEAL_SETTINGS" });
    }
  });
});
