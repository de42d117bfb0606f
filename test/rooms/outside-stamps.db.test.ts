/** Whole documents whose times another authority stamps: made by one node, stamped by another over HTTP, judged by both verifiers. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { PDF } from "@libpdf/core";
import { pino } from "pino";
import { verifyDetachedSeal } from "#kernel/documents/detached-seal";
import { verifySealedPdf } from "#kernel/documents/pdf-seal-verification";
import { openServer } from "#kernel/http/server";
import { readCertificates } from "../../packages/verifier/src/certificate.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { AuthorityFiles } from "../../src/infrastructure/trust/certificates/authority-files.ts";
import { certificateRecords, openTrust } from "../../src/infrastructure/trust/ports.ts";
import { mountTrust } from "../../src/infrastructure/trust/status/endpoints.ts";
import { freePort } from "../../src/node/demo/temporary-node.ts";
import { folder, own, start } from "./trust-node.ts";

const AUTHORITY = "0197c7a0-0000-7000-8000-000000000001";

test("a document is stamped by the authority that is named, inside and beside; without an answer nothing is sealed", async () => {
  const at = start.toString();
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const stamping = await openTrust({
    ...{ folder: join(folder, "stamping"), operator: "时间戳机构（样本）", at: "2026-01-01T00:00:00Z", publicUrl },
  });
  const linked = { front: own, now: () => at, publicUrl };
  await stamping.connect({
    ...{ authorityName: async () => undefined, demonstration: true, records: certificateRecords(own), status: linked },
  });
  const server = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });
  await mountTrust(server, { ...linked, trust: stamping, proof: async () => undefined });
  await server.listen({ host: "127.0.0.1", port });
  const place = join(folder, "sealing");
  const about = { folder: place, operator: "邻县（演示）", at: "2026-01-01T00:00:00Z" };
  // The one that stamps is trusted because its operator added its root.
  await openTrust(about);
  await new AuthorityFiles(place).addRoot(stamping.hierarchy.root);
  const links = {
    ...{ authorityName: async () => "邻县市场监督管理局", demonstration: true, records: certificateRecords(own) },
    status: { front: own, now: () => at, publicUrl: "http://127.0.0.1:8080" },
  };
  const sealing = await openTrust({ ...about, stampUrl: `${publicUrl}/trust/timestamp` });
  await sealing.connect(links);
  const plain = PDF.create();
  plain.addPage({ size: "a4" });
  const wanted = { authority: AUTHORITY, seal: "licensing", reason: "准予许可决定书", at } as const;
  const pdf = await plain.save();
  const sealed = await sealing.signer.sealDocument({ pdf, ...wanted });
  const { roots, documentRoots } = sealing.hierarchy;
  const atMs = start.epochMilliseconds;

  const verdict = await verifySealedPdf(sealed, { roots: documentRoots, atMs });
  assert.ok(verdict.ok, JSON.stringify(verdict));
  assert.deepEqual([verdict.level, verdict.stampedAtMs], ["B-LTA", atMs]);
  const trusted = (some: readonly Uint8Array[]) => some.flatMap((root) => [...readCertificates(root)]);
  const report = await verifyFile(sealed, { roots: trusted(documentRoots), atMs });
  assert.equal(report.verdict, "valid", JSON.stringify(report.findings));
  const alone = [sealing.hierarchy.root];
  assert.equal(
    (await verifySealedPdf(sealed, { roots: alone, atMs })).ok,
    false,
    "the stamps lead to the other's root",
  );
  assert.equal((await verifyFile(sealed, { roots: trusted(alone), atMs })).verdict, "invalid");

  const beside = await sealing.signer.sealBeside({ document: sealed, ...wanted });
  const judged = await verifyDetachedSeal(beside, sealed, { roots, atMs });
  assert.ok(judged.ok, JSON.stringify(judged));
  assert.equal(judged.stampedAtMs, atMs);

  await server.close();
  await assert.rejects(sealing.signer.sealDocument({ pdf, ...wanted }), { code: "ERR_TRUST_NO_STAMP" });
});
