/** A node with the trust room alone, its endpoints, and a clock that is set, for tests. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { pino } from "pino";
import { trust } from "#infrastructure/trust";
import { openServer } from "#kernel/http/server";
import { readPem } from "#lib/asn1/pem";
import { verifySigned } from "#lib/certificate/algorithms";
import { text } from "#lib/language/text";
import { DIGEST_OID, writeCertificateId } from "#lib/revocation/certificate-id";
import { listProblem, readRevocationList } from "#lib/revocation/revocation-list";
import { judgeAnswer, readStatusAnswer } from "#lib/revocation/status-answer";
import { writeStatusRequest } from "#lib/revocation/status-request";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { hasOpenssl, Openssl } from "#lib/x509/testing/openssl";
import { keyEntry } from "../../src/infrastructure/trust/key-event.ts";
import { certificateRecords, openTrust } from "../../src/infrastructure/trust/ports.ts";
import { mountTrust } from "../../src/infrastructure/trust/status/endpoints.ts";
import { certificateProof } from "../../src/infrastructure/trust/status/proofs.ts";
import trustSystem from "../../src/infrastructure/trust/system.ts";
import { TEST_NOW, testNode } from "../../src/node/testing.ts";

export const PERSON = "0197c7a0-0000-7000-8000-000000000002";
export const folder = await mkdtemp(join(tmpdir(), "zhengtong-trust-"));
export const node = await testNode({ systems: [trustSystem] });
export const openssl = hasOpenssl() ? new Openssl() : undefined;
export const own = node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
export const official = (id: string) =>
  node.as(
    trust,
    {
      kind: "official",
      id,
      post: {
        id,
        title: text("管理员", "Administrator"),
        authority: PERSON,
        authorityName: text("清源县市场监督管理局", "Market regulator"),
        duties: ["trust.administer", "trust.issue"],
        division: "990101",
      },
      assurance: 1,
    },
    { purpose: "administration" },
  );
export const administrator = official(PERSON);
export const second = official("0197c7a0-0000-7000-8000-000000000009");
export const opened = await openTrust({
  ...{ folder, operator: "清源县（演示）", at: "2026-01-01T00:00:00Z" },
  publicUrl: "http://127.0.0.1:8080",
});
await opened.connect({
  authorityName: async () => "清源县市场监督管理局",
  demonstration: true,
  records: certificateRecords(own),
  onKeyEvent: (event) => node.kernel.ledger.append(node.kernel.database, [keyEntry(event)]),
});
export const start = Temporal.Instant.from(TEST_NOW);
export let now = start;
export const later = (seconds: number) => {
  now = now.add({ seconds });
};
export const server = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });
await mountTrust(server, {
  ...{ trust: opened, front: own, now: () => now.toString(), publicUrl: "http://127.0.0.1:8080" },
  proof: (fingerprint) => certificateProof(node.kernel, fingerprint),
});
after(async () => {
  await server.close();
  await node.close();
  await rm(folder, { recursive: true });
  openssl?.close();
});

export async function get(url: string): Promise<Uint8Array> {
  const { statusCode, rawPayload } = await server.inject({ url });
  assert.equal(statusCode, 200, url);
  return new Uint8Array(rawPayload);
}

export async function post(url: string, type: string, body: Uint8Array): Promise<Uint8Array> {
  const answer = await server.inject({
    method: "POST",
    url,
    headers: { "content-type": type },
    payload: Buffer.from(body),
  });
  assert.equal(answer.statusCode, 200);
  return new Uint8Array(answer.rawPayload);
}

export const certificateOf = async (name: string): Promise<X509Certificate> => {
  const [block] = readPem(new TextDecoder().decode(await get(`/trust/ca/${name}.pem`)));
  assert(block);
  return readX509(block.der);
};
export const root = await certificateOf("root");
export const issuer = await certificateOf("person");
export const facts = { name: issuer.subject, publicKeyInfo: issuer.publicKeyInfo };

export async function personCertificate(id: string): Promise<X509Certificate> {
  const signer = { kind: "person", id, name: "堃犇喆" } as const;
  const { certificatePem } = await opened.signer.signAs({
    signer,
    type: "test+jws",
    payload: Buffer.from("申请"),
    at: now.toString(),
  });
  return readX509(readPem(certificatePem)[0]?.der ?? new Uint8Array());
}

export async function statusOf({ serial }: X509Certificate) {
  const identified = { name: issuer.subject.raw, publicKeyInfo: issuer.publicKeyInfo };
  const question = writeStatusRequest([writeCertificateId(identified, serial, DIGEST_OID.sha256)]);
  const answer = readStatusAnswer(await post("/trust/ocsp", "application/ocsp-request", question));
  assert(answer);
  const judged = judgeAnswer(answer, { serial, issuer: facts, atMs: now.epochMilliseconds, verify: verifySigned });
  assert.ok("answer" in judged, JSON.stringify(judged));
  return judged.answer.status;
}

export async function list(name: string) {
  const read = readRevocationList(await get(`/trust/crl/${name}.crl`));
  const who = name === "root" ? root : issuer;
  const checked = { name: who.subject, publicKeyInfo: who.publicKeyInfo, keyUses: who.keyUses };
  assert.equal(listProblem(read, { issuer: checked, atMs: now.epochMilliseconds, verify: verifySigned }), undefined);
  return read;
}
