/** Seals that outlive their certificates (PAdES B-LTA): made by trust, judged by the kernel's verifier, by the stand-alone one, by pdfsig. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { PDF } from "@libpdf/core";
import { trust } from "#infrastructure/trust";
import { type SealFault, verifySealedPdf } from "#kernel/documents/pdf-seal-verification";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import { sha256Hex } from "#lib/crypto/digest";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { text } from "#lib/language/text";
import { readCertificates } from "../../packages/verifier/src/certificate.ts";
import { parseLogKey } from "../../packages/verifier/src/checkpoint.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { type KeyEvent, keyEntry } from "../../src/infrastructure/trust/key-event.ts";
import { certificateRecords, openTrust } from "../../src/infrastructure/trust/ports.ts";
import { carriedProofs, certificateProof } from "../../src/infrastructure/trust/status/proofs.ts";
import trustSystem from "../../src/infrastructure/trust/system.ts";
import { TEST_NOW, testNode } from "../../src/node/testing.ts";
import { answered } from "./answers.ts";

const run = promisify(execFile);
const AUTHORITY = "0197c7a0-0000-7000-8000-000000000001";
const OFFICIAL = "0197c7a0-0000-7000-8000-000000000002";
const folder = await mkdtemp(join(tmpdir(), "zhengtong-long-term-"));
const node = await testNode({ systems: [trustSystem] });
const own = node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
const post = {
  ...{ id: OFFICIAL, title: text("管理员", "Administrator"), authority: AUTHORITY, division: "990101" },
  ...{ authorityName: text("清源县市场监督管理局", "Market regulator"), duties: ["trust.administer"] },
};
const administrator = node.as(
  trust,
  { kind: "official", id: OFFICIAL, post, assurance: 1 },
  { purpose: "administration" },
);
const events: KeyEvent[] = [];
// Transactions of other tests on the cluster hold the log back for as long as they are open.
const { database, ledger } = node.kernel;
const carried = carriedProofs({ database, ledger, tries: 600 });
let carrying = true;
const opened = await openTrust({
  ...{ folder, operator: "清源县（演示）", at: "2026-01-01T00:00:00Z" },
  publicUrl: "http://127.0.0.1:8080",
});
let now = Temporal.Instant.from(TEST_NOW);
const later = (seconds: number) => {
  now = now.add({ seconds });
  node.setNow(now.toString());
};
await opened.connect({
  authorityName: async () => "清源县市场监督管理局",
  demonstration: true,
  records: certificateRecords(own),
  status: { front: own, now: () => now.toString(), publicUrl: "http://127.0.0.1:8080" },
  onKeyEvent: async (event) => {
    events.push(event);
    await node.kernel.ledger.append(node.kernel.database, [keyEntry(event)]);
  },
  issuance: (certificate) => (carrying ? carried(certificate) : Promise.resolve(undefined)),
});
after(async () => {
  await node.close();
  await rm(folder, { recursive: true });
});

const plain = PDF.create();
plain.addPage({ size: "a4" });
const pdf = await plain.save();
const seal = (at = now.toString()) =>
  opened.signer.sealDocument({ pdf, authority: AUTHORITY, seal: "licensing", reason: "受理通知书", at });
const roots = [opened.hierarchy.root];

/** Both verifiers must agree; gives the fault, or the level. */
async function verdict(bytes: Uint8Array, atMs = now.epochMilliseconds): Promise<SealFault | "B-B" | "B-T" | "B-LTA"> {
  const answer = await verifySealedPdf(bytes, { roots, atMs });
  const report = await verifyFile(bytes, { roots: roots.flatMap((root) => readCertificates(root)), atMs });
  const told = `${JSON.stringify(answer.ok ? answer.level : answer)} ${JSON.stringify(report)}`;
  assert.equal(report.verdict === "valid", answer.ok, told);
  if (!answer.ok) {
    const apart = ["revoked", "expired", "not-yet-valid"].find((one) => one === answer.fault);
    if (apart)
      assert.ok(
        report.findings.some(({ code }) => code === apart),
        told,
      );
    return answer.fault;
  }
  assert.equal(report.facts["level"], answer.level);
  return answer.level;
}

const sealed = await seal();
const END = 10 * 366 * 24 * 3_600_000;
const sealedEnd = (bytes: Uint8Array) => {
  const found = Buffer.from(bytes)
    .toString("latin1")
    .match(/\/ByteRange \[0 \d+ (\d+) (\d+)\]/);
  return Number(found?.[1]) + Number(found?.[2]);
};

test("A seal carries time stamps and evidence, in one update that redefines nothing but the places left for it", async () => {
  assert.equal(await verdict(sealed), "B-LTA");
  const answer = await verifySealedPdf(sealed, { roots, atMs: now.epochMilliseconds });
  assert.ok(answer.ok);
  assert.equal(answer.stampedAtMs, now.epochMilliseconds);
  assert.deepEqual(answer.standing, { kind: "good", asOfMs: now.epochMilliseconds });
  const written = Buffer.from(sealed).toString("latin1");
  assert.equal(written.match(/startxref/g)?.length, 3);
  const update = written.slice(sealedEnd(sealed));
  const redefined = [...update.matchAll(/^(\d+) 0 obj$/gm)].map(([, number]) => Number(number));
  const before = new Set(
    [...written.slice(0, sealedEnd(sealed)).matchAll(/^(\d+) 0 obj$/gm)].map(([, one]) => Number(one)),
  );
  assert.equal(redefined.filter((number) => before.has(number)).length, 2);
  // The evidence of a minute is made once, and stamps of seals are no entries of their own.
  await seal();
  assert.deepEqual([...new Set(events.map(({ what }) => what))].sort(), ["document-sealed", "key-made"]);
});

test("Whoever has the log's key asks for proof that the seal's certificate is in the ledger, and refuses one that is not", async () => {
  await node.kernel.ledger.sequenceNow(2_000);
  const answer = await verifySealedPdf(sealed, { roots, atMs: now.epochMilliseconds });
  assert.ok(answer.ok);
  const [signer, above] = answer.path.map(({ der }) => sha256Hex(der));
  const proofs = await Promise.all(
    [signer, above].map(async (one = "") => JSON.stringify(await certificateProof(node.kernel, one))),
  );
  const judge = async (certificateProofs: readonly string[], change: object = {}, file = sealed) =>
    await verifyFile(file, {
      ...{ roots: roots.flatMap((root) => readCertificates(root)), atMs: now.epochMilliseconds, certificateProofs },
      ...{ logKey: parseLogKey(node.kernel.ledger.verifierKey), ...change },
    });
  // The seal brings its own, which holds under the log's key alone; of another log, or of none, it is said.
  const codes = async (given: readonly string[], change: object = {}, file = sealed) => {
    const { roots: trusted, ...others } = { roots: roots.flatMap((root) => readCertificates(root)), ...change };
    const trust = { roots: trusted, atMs: now.epochMilliseconds, certificateProofs: given, ...others };
    const report = await verifyFile(file, trust);
    return [report.verdict, ...report.findings.map(({ code }) => code)];
  };
  const logKey = parseLogKey(node.kernel.ledger.verifierKey);
  const otherLog = parseLogKey(checkpointSigner("other/log", ed25519FromSeed(new Uint8Array(32).fill(9))).verifierKey);
  assert.ok((await codes([], { logKey, issuanceRequired: true })).includes("issued-on-record"));
  assert.deepEqual((await codes([])).slice(0, 1), ["valid"]);
  assert.ok((await codes([])).includes("issuance-unchecked"));
  assert.ok((await codes([], { logKey: otherLog })).includes("issuance-unchecked"));
  assert.deepEqual((await codes([], { logKey: otherLog, issuanceRequired: true })).at(-1), "unlogged");
  carrying = false;
  const bare = await seal();
  carrying = true;
  assert.equal(await verdict(bare), "B-LTA");
  assert.ok((await codes([], { logKey }, bare)).includes("issuance-missing"));
  assert.deepEqual((await codes([], { logKey, issuanceRequired: true }, bare)).at(-1), "unlogged");
  const good = await judge(proofs);
  assert.equal(good.verdict, "valid", JSON.stringify(good));
  assert.ok(good.findings.some(({ code }) => code === "issued-on-record"));
  const another = await judge(proofs.slice(1), {}, bare);
  assert.ok(
    another.findings.some(({ code }) => code === "unlogged"),
    JSON.stringify(another),
  );
  // The entry of another certificate under this one's name.
  const swapped = proofs[1]?.replace(`"certificate":"${above}"`, `"certificate":"${signer}"`) ?? "";
  assert.ok((await judge([swapped], {}, bare)).findings.some(({ code }) => code === "other-certificate"));
  const trustAlone = { roots: [], atMs: now.epochMilliseconds, logKey: parseLogKey(node.kernel.ledger.verifierKey) };
  const alone = await verifyFile(Buffer.from(proofs[0] ?? ""), trustAlone);
  assert.equal(alone.verdict, "valid", JSON.stringify(alone));
});

test("It verifies as long as the stamp's certificate lasts, though the seal's had ended", async () => {
  const near = Temporal.Instant.from(TEST_NOW).epochMilliseconds + END - 20 * 24 * 3_600_000;
  assert.equal(await verdict(sealed, near), "B-LTA");
  assert.equal(await verdict(sealed, near + 2 * END), "stamp-expired");
  assert.equal(await verdict(sealed, now.epochMilliseconds - 3_600_000), "bad-stamp");
});

test("Without its archive it is what was sealed, to be judged for the moment of its own stamp", async () => {
  assert.equal(await verdict(sealed.subarray(0, sealedEnd(sealed))), "B-T");
});

test("Every changed byte, everything left out and everything added is found", async () => {
  const length = sealed.length;
  const places = Array.from({ length: 160 }, (_, index) => Math.floor((index * length) / 160));
  const tail = Array.from({ length: 60 }, (_, index) => length - 1 - index * 7);
  for (const place of [...places, ...tail]) {
    const changed = Uint8Array.from(sealed);
    changed[place] = (changed[place] ?? 0) ^ 0x01;
    assert.ok(!(await verdict(changed)).startsWith("B-"), `byte ${place}`);
  }
  const update = sealed.subarray(sealedEnd(sealed));
  assert.equal(await verdict(Buffer.concat([sealed, Buffer.from("\n")])), "changed");
  assert.equal(await verdict(Buffer.concat([sealed, update])), "changed");
  const shadow = Buffer.from(sealed).toString("latin1").replace("/Type /DSS\n/Certs", "/Type /DSX\n/Certs");
  assert.equal(await verdict(Buffer.from(shadow, "latin1")), "changed");
  const page = Buffer.from("\n3 0 obj\n<< /Type /Page >>\nendobj\nstartxref\n0\n%%EOF\n");
  assert.equal(await verdict(Buffer.concat([sealed.subarray(0, sealedEnd(sealed)), page])), "changed");
});

test("Another seal's archive does not fit, nor does another's time stamp", async () => {
  const other = await seal();
  const crossed = Buffer.concat([sealed.subarray(0, sealedEnd(sealed)), other.subarray(sealedEnd(other))]);
  assert.ok(!(await verdict(crossed)).startsWith("B-"));
});

test("Revoked before and after, expired and not yet valid are told apart, as of the stamp", async () => {
  const answer = await verifySealedPdf(sealed, { roots, atMs: now.epochMilliseconds });
  assert.ok(answer.ok);
  const serial = answer.path[0]?.serial ?? "";
  // The signer's clock is ahead of that of whoever stamps: the stamp is older than the right to sign.
  const at = now.add({ hours: 1 }).toString();
  const early = await opened.signer.sealDocument({ pdf, authority: OFFICIAL, seal: "licensing", reason: "x", at });
  assert.equal(await verdict(early), "not-yet-valid");
  // The key signs until its holder is told: what it signed was stamped after its certificate had been revoked.
  later(60);
  answered(await administrator.revokeCertificate({ serial, reason: "key-compromise", explanation: "x" }));
  assert.equal(await verdict(sealed), "B-LTA");
  const meanwhile = await opened.signer.sealDocument({
    ...{ pdf, authority: AUTHORITY, seal: "licensing", reason: "x", at: now.subtract({ seconds: 60 }).toString() },
  });
  assert.equal(await verdict(meanwhile), "revoked");
  const renewed = await seal();
  assert.equal(await verdict(renewed), "B-LTA");
  const next = await verifySealedPdf(renewed, { roots, atMs: now.epochMilliseconds });
  assert.ok(next.ok && next.path[0]?.serial !== serial);
});

// This pdfsig judges no document time stamps; it lists them, and knows what they cover.
test("pdfsig finds the seal valid, and that the time stamp covers the whole file", async (context) => {
  const path = join(folder, "sealed.pdf");
  await writeFile(path, sealed);
  const installed = await run("pdfsig", ["-v"]).catch(() => undefined);
  if (installed === undefined) return context.skip("pdfsig (poppler-utils) is not installed");
  const { stdout } = await run("pdfsig", ["-nocert", path]);
  const [, first = "", second = ""] = stdout.split(/Signature #\d:/);
  assert.match(first, /Field Name: seal[\s\S]*ETSI\.CAdES\.detached[\s\S]*Signature is Valid/);
  assert.match(second, /Field Name: stamp[\s\S]*Time Stamps[\s\S]*Total document signed/);
});
