import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { commonName, readCertificate } from "#kernel/documents/certificate";
import { verifyPath } from "#kernel/documents/certificate-path";
import { DOCUMENT_SIGNING_USE } from "#kernel/documents/pdf-seal-verification";
import { RECORD_SIGNING_USE } from "#kernel/services/statement";
import { verifySigned } from "#lib/certificate/algorithms";
import { INTERNATIONAL_CHOICE } from "#lib/crypto/purposes";
import { formatCheckpoint, openCheckpoint } from "#lib/merkle/checkpoint";
import { parseVerifierKey } from "#lib/merkle/note";
import { openSuiteNote, parseSuiteVerifierKey } from "#lib/merkle/suite-note";
import { readX509 } from "#lib/x509/certificate";
import { anchorOf, buildPath } from "#lib/x509/path-validation";
import { toPem } from "./certificates/authority-files.ts";
import { type Hierarchy, openHierarchy } from "./certificates/hierarchy.ts";
import { issueCertificate, writeSubject } from "./certificates/issue.ts";
import { HELD_BY_NODE_POLICY, PERSON_POLICY, SEAL_POLICY } from "./certificates/profiles.ts";
import { ISSUING_PURPOSES } from "./certificates/purposes.ts";
import { type FileKeys, openFileKeys } from "./keys/file-key-store.ts";
import { openNoteSigner } from "./signatures/note-signer.ts";

const run = promisify(execFile);
const CHOICE = { ...INTERNATIONAL_CHOICE, postQuantum: true };
const AT = Temporal.Instant.from("2026-11-21T08:00:00Z");
const LATER_MS = AT.epochMilliseconds + 86_400_000;

describe("trust", () => {
  let folder = "";
  let keys: FileKeys;
  let hierarchy: Hierarchy;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "zhengtong-trust-"));
    keys = await openFileKeys(folder);
    hierarchy = await openHierarchy({ keys: keys.store, folder, operator: "清源县（演示）", at: AT });
  });
  after(() => rm(folder, { recursive: true }));

  async function seal(): Promise<Uint8Array> {
    const key = await keys.store.ensureKey("seal/990121-scjg/licensing", "p256");
    const subject = {
      commonName: "清源县市场监督管理局（样本）",
      organization: "清源县市场监督管理局",
      serialNumber: "990121-scjg",
    };
    return hierarchy.issue({ profile: "seal", subject, publicKeyInfo: key.info, at: AT });
  }

  it("keeps keys sealed, in files that only the node's account reads", async () => {
    await seal();
    const files = (await readdir(folder)).filter((name) => /\.(?:sealed|key)$/.test(name));
    assert.ok(files.length >= 4);
    for (const name of files) {
      assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
      const bytes = await readFile(join(folder, name));
      assert.ok(!bytes.includes(Buffer.from("2a8648ce3d0201", "hex")), `${name} shows a key's algorithm`);
    }
    assert.ok(keys.store.warning);
  });

  it("gives the same key to everyone who asks for it at once, and after opening again", async () => {
    const both = await Promise.all([
      keys.store.ensureKey("person/one", "p256"),
      (await openFileKeys(folder)).store.ensureKey("person/one", "p256"),
    ]);
    const again = await (await openFileKeys(folder)).store.findKey("person/one");
    assert.deepEqual(both[0], both[1]);
    assert.deepEqual(both[0], again);
    assert.deepEqual(
      (await openFileKeys(folder)).secrets.wrapping("data").current,
      keys.secrets.wrapping("data").current,
    );
  });

  it("refuses a key folder whose secret others can read, and sealed keys of another node", async () => {
    const other = await mkdtemp(join(tmpdir(), "zhengtong-trust-"));
    try {
      const theirs = await openFileKeys(other);
      await theirs.store.ensureKey("a", "ed25519");
      await chmod(join(other, "node.key"), 0o644);
      await assert.rejects(openFileKeys(other), { code: "ERR_TRUST_KEY_FILE" });
      await chmod(join(other, "node.key"), 0o600);
      await writeFile(join(other, "node.key"), new Uint8Array(32));
      await assert.rejects((await openFileKeys(other)).store.sign("a", new Uint8Array()), {
        code: "ERR_TRUST_KEY_FILE",
      });
      await assert.rejects(theirs.store.sign("b", new Uint8Array()), { code: "ERR_TRUST_KEY_MISSING" });
    } finally {
      await rm(other, { recursive: true });
    }
  });

  it("issues a seal certificate whose path leads to the root, and no further than its use", async () => {
    const certificate = await seal();
    const question = {
      certificate,
      others: [hierarchy.issuer("seal").certificate.der],
      roots: [hierarchy.root],
      atMs: LATER_MS,
    };
    const verdict = await verifyPath({ ...question, extendedKeyUse: DOCUMENT_SIGNING_USE });
    assert.ok(verdict.ok);
    assert.deepEqual(verdict.path.map(commonName), [
      "清源县市场监督管理局（样本）",
      "清源县（演示） Zhengtong Seals of authorities",
      "清源县（演示） Zhengtong Root",
    ]);
    assert.deepEqual(verdict.path[0]?.policies, [SEAL_POLICY]);
    const fault = async (change: object) => {
      const answer = await verifyPath({ ...question, ...change });
      return answer.ok ? "ok" : answer.fault;
    };
    assert.equal(await fault({ extendedKeyUse: "1.3.6.1.5.5.7.3.1" }), "wrong-use");
    assert.equal(await fault({ atMs: AT.epochMilliseconds - 1 }), "not-yet-valid");
    assert.equal(await fault({ atMs: Date.UTC(2037, 0, 1) }), "expired");
    assert.equal(await fault({ roots: [] }), "untrusted");
    assert.equal(await fault({ others: [] }), "untrusted");
    const forged = Uint8Array.from(certificate);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    assert.equal(await fault({ certificate: forged }), "bad-signature");
    assert.equal(await fault({ certificate: certificate.subarray(1) }), "malformed");
  });

  it("has an authority for each purpose, which can certify nothing else", async () => {
    const key = await keys.store.ensureKey("person/intruder", "p256");
    const verdicts = ISSUING_PURPOSES.map(async (purpose) => {
      const { certificate, keyLabel = "" } = hierarchy.issuer(purpose);
      const forged = await issueCertificate({
        profile: purpose === "seal" ? "person" : "seal",
        subject: { commonName: "越权" },
        publicKeyInfo: key.info,
        notBefore: AT,
        issuer: {
          name: certificate.subject.raw,
          keyId: Uint8Array.fromHex(certificate.subjectKeyId ?? ""),
          sign: (data) => keys.store.sign(keyLabel, data),
        },
      });
      const use = purpose === "seal" ? RECORD_SIGNING_USE : DOCUMENT_SIGNING_USE;
      const options = { atMs: LATER_MS, verify: verifySigned, extendedKeyUse: use };
      const path = buildPath(readX509(forged), [certificate], {
        ...options,
        anchors: [anchorOf(readX509(hierarchy.root))],
      });
      const kernelSays = await verifyPath({
        ...{ certificate: forged, others: [certificate.der], roots: [hierarchy.root], atMs: LATER_MS },
        extendedKeyUse: use,
      });
      return [path.valid ? "valid" : path.problem, kernelSays.ok ? "ok" : kernelSays.fault];
    });
    for (const verdict of await Promise.all(verdicts)) assert.deepEqual(verdict, ["key-use", "wrong-use"]);
  });

  it("opens a folder from when a node had one authority for all: what that issued verifies on", async () => {
    const old = await mkdtemp(join(tmpdir(), "zhengtong-trust-"));
    try {
      const { store } = await openFileKeys(old);
      const make = async (
        label: string,
        profile: "root" | "region" | "seal",
        above?: { der: Uint8Array; by: string },
      ) => {
        const { info } = await store.ensureKey(label, "p256");
        const subject = { commonName: label };
        const issuer = above && readX509(above.der);
        const by = above?.by ?? label;
        return issueCertificate({
          ...{ profile, subject, publicKeyInfo: info, notBefore: AT },
          issuer: {
            name: issuer?.subject.raw ?? writeSubject(subject),
            ...(issuer?.subjectKeyId && { keyId: Uint8Array.fromHex(issuer.subjectKeyId) }),
            sign: (data) => store.sign(by, data),
          },
        });
      };
      const root = await make("authority/root", "root");
      const issuer = await make("authority/issuer", "region", { der: root, by: "authority/root" });
      const held = await make("seal/990121-scjg/licensing/1", "seal", { der: issuer, by: "authority/issuer" });
      await writeFile(join(old, "root.pem"), toPem(root));
      await writeFile(join(old, "issuer.pem"), toPem(issuer));
      const opened = await openHierarchy({ keys: store, folder: old, operator: "清源县（演示）", at: AT });
      assert.deepEqual(Buffer.from(opened.root), Buffer.from(root));
      assert.deepEqual(opened.chainOf(readX509(held)).map(toPem), [toPem(issuer)]);
      const next = await opened.issue({
        ...{ profile: "seal", subject: { commonName: "新章" }, at: AT },
        publicKeyInfo: (await store.ensureKey("seal/new", "p256")).info,
      });
      for (const certificate of [held, next]) {
        const others = opened.chainOf(readX509(certificate));
        const verdict = await verifyPath({ certificate, others, roots: [opened.root], atMs: LATER_MS });
        assert.ok(verdict.ok, JSON.stringify(verdict));
      }
    } finally {
      await rm(old, { recursive: true });
    }
  });

  it("does not let a sealing key issue certificates", async () => {
    const certificate = readCertificate(await seal());
    const key = await keys.store.ensureKey("person/forger", "p256");
    const forged = await issueCertificate({
      profile: "seal",
      subject: { commonName: "冒名机关" },
      publicKeyInfo: key.info,
      notBefore: AT,
      issuer: {
        name: certificate.subjectName,
        keyId: Uint8Array.fromHex(certificate.subjectKeyId ?? ""),
        sign: (data) => keys.store.sign("seal/990121-scjg/licensing", data),
      },
    });
    const verdict = await verifyPath({
      certificate: forged,
      others: [certificate.der, hierarchy.issuer("seal").certificate.der],
      roots: [hierarchy.root],
      atMs: LATER_MS,
    });
    assert.deepEqual(verdict, { ok: false, fault: "not-an-authority" });
  });

  it("marks a person's certificate as held by the node, without the use of document seals", async () => {
    const key = await keys.store.ensureKey("person/0197-aa", "p256");
    const subject = { commonName: "堃犇喆", serialNumber: "0197-aa" };
    const certificate = await hierarchy.issue({ profile: "person", subject, publicKeyInfo: key.info, at: AT });
    const read = readCertificate(certificate);
    assert.deepEqual(read.policies, [PERSON_POLICY, HELD_BY_NODE_POLICY]);
    assert.ok(!read.extendedKeyUses.includes(DOCUMENT_SIGNING_USE));
    assert.throws(() => writeSubject({ commonName: "" }), RangeError);
  });

  it("issues what openssl accepts", async (test) => {
    const installed = await run("openssl", ["version"]).catch(() => undefined);
    if (installed === undefined) return test.skip("openssl is not installed");
    const pem = join(folder, "seal.pem");
    await writeFile(pem, toPem(await seal()));
    const seconds = String(LATER_MS / 1000);
    const { stdout } = await run("openssl", [
      ...["verify", "-x509_strict", "-attime", seconds],
      ...["-CAfile", join(folder, "root.pem"), "-untrusted", join(folder, "issuers/seal.1.pem"), pem],
    ]);
    assert.match(stdout, /: OK/);
  });

  it("signs notes as C2SP has them", async () => {
    const signer = await openNoteSigner(keys.store, "qingyuan.example/ledger", CHOICE);
    const note = "qingyuan.example/ledger\n5\nAAAA\n";
    const line = await signer.sign(note);
    const [, dash, origin, signature] = /^(\S+) (\S+) (\S+)\n/.exec(line) ?? [];
    const [name, id, key] = signer.verifierKey.split("+", 2).concat(signer.verifierKey.split("+").slice(2).join("+"));
    assert.equal(dash, "—");
    assert.equal(origin, name);
    const bytes = Buffer.from(signature ?? "", "base64");
    assert.equal(bytes.subarray(0, 4).toString("hex"), id);
    const raw = Buffer.from(key ?? "", "base64");
    assert.equal(raw[0], 1);
    const info = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw.subarray(1)]);
    const publicKey = createPublicKey({ key: info, format: "der", type: "spki" });
    assert.ok(verify(null, Buffer.from(note), publicKey, bytes.subarray(4)));
    await assert.rejects(signer.sign("no newline"), RangeError);
  });

  it("signs notes with SM2 and the hybrid suite beside it: each suite's readers verify their own line", async () => {
    const signer = await openNoteSigner(keys.store, "qingyuan.example/ledger", CHOICE);
    const text = formatCheckpoint({ origin: signer.origin, size: 5, root: new Uint8Array(32) });
    const note = `${text}\n${await signer.sign(text)}`;
    const verifiers = [signer.verifierKey, ...(signer.furtherKeys ?? [])].map((line) => {
      const verifier = parseSuiteVerifierKey(line);
      assert.ok(verifier);
      return verifier;
    });
    assert.deepEqual(
      verifiers.map(({ key }) => key.algorithm),
      ["EdDSA", "SM2", "Ed25519+ML-DSA-65"],
    );
    assert.deepEqual(openSuiteNote(note, verifiers)?.signedBy, verifiers);
    const plainly = await openNoteSigner(keys.store, "qingyuan.example/ledger", INTERNATIONAL_CHOICE);
    assert.equal(plainly.furtherKeys?.length, 1, "without post-quantum signatures there is none");
    for (const verifier of verifiers) assert.deepEqual(openSuiteNote(note, [verifier])?.signedBy, [verifier]);
    const plain = parseVerifierKey(signer.verifierKey);
    assert.ok(plain && openCheckpoint(note, plain));
    assert.equal(openSuiteNote(note.replace("\n5\n", "\n6\n"), verifiers), undefined);
    const again = await openNoteSigner((await openFileKeys(folder)).store, "qingyuan.example/ledger", CHOICE);
    assert.deepEqual(again.furtherKeys, signer.furtherKeys);
  });

  it("keeps SM2 keys whose signatures openssl verifies", async () => {
    const { info, algorithm } = await keys.store.ensureKey("seal/national", "sm2");
    assert.equal(algorithm, "sm2");
    const data = Buffer.from("政通人和");
    const signature = await (await openFileKeys(folder)).store.sign("seal/national", data);
    const paths = { key: join(folder, "sm2.der"), data: join(folder, "sm2.data"), signature: join(folder, "sm2.sig") };
    await Promise.all([writeFile(paths.key, info), writeFile(paths.data, data), writeFile(paths.signature, signature)]);
    const { stdout } = await run("openssl", [
      ...["pkeyutl", "-verify", "-pubin", "-inkey", paths.key, "-keyform", "DER", "-rawin", "-digest", "sm3"],
      ...["-in", paths.data, "-sigfile", paths.signature, "-pkeyopt", "distid:1234567812345678"],
    ]);
    assert.match(stdout, /Verified Successfully/);
  });
});
