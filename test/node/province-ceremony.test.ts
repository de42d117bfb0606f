/** Provinces below the centre's root: authorities bound to the holders of one, and a province's own authority; and others' roots that an operator adds. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { PDF } from "@libpdf/core";
import { verifySealedPdf } from "#kernel/documents/pdf-seal-verification";
import { readCertifyingKey, verifySigned } from "#lib/certificate/algorithms";
import { writeRequest } from "#lib/certificate/request";
import { sha256Hex } from "#lib/crypto/digest";
import { INTERNATIONAL_CHOICE } from "#lib/crypto/purposes";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { anchorOf, buildPath } from "#lib/x509/path-validation";
import { readCertificates } from "../../packages/verifier/src/certificate.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { fromPem, toPem } from "../../src/infrastructure/trust/certificates/authority-files.ts";
import { openHierarchy } from "../../src/infrastructure/trust/certificates/hierarchy.ts";
import { issueCertificate, writeSubject } from "../../src/infrastructure/trust/certificates/issue.ts";
import { openFileKeys } from "../../src/infrastructure/trust/keys/file-key-store.ts";
import { openTrust } from "../../src/infrastructure/trust/ports.ts";
import { runCommandLine } from "../../src/node/command-line.ts";

const SEALING = "1.3.6.1.5.5.7.3.36";
const PROVINCE = "样本省";
const PASSPHRASE = "three gorges, one river";

describe("provinces below a root, and roots of others", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "zhengtong-province-"));
    await writeFile(path("passphrase"), PASSPHRASE, { mode: 0o600 });
  });
  after(() => rm(folder, { recursive: true }));
  const path = (...parts: string[]) => join(folder, ...parts);

  async function run(node: string, ...words: readonly string[]) {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const code = await runCommandLine(words, {
      ...{ stdout, stderr, folder },
      environment: {
        ZHENGTONG_DATA: path(node),
        ZHENGTONG_SUITES: "international",
        ZHENGTONG_KEYS_PASSPHRASE_FILE: path("passphrase"),
      },
      print: (line) => void stdout.write(`${line}\n`),
      report: ({ zh, en }) => void stderr.write(`${zh}  ${en}\n`),
    });
    stdout.end();
    stderr.end();
    return { code, said: `${await textOf(stdout)}${await textOf(stderr)}` };
  }
  async function done(node: string, ...words: readonly string[]): Promise<void> {
    const { code, said } = await run(node, ...words);
    assert.equal(code, 0, `${words.join(" ")}\n${said}`);
  }
  const at = () => Temporal.Now.instant().add({ seconds: 1 });
  const judge = (holder: X509Certificate, others: readonly Uint8Array[], roots: readonly Uint8Array[]) => {
    const result = buildPath(holder, others.map(readX509), {
      anchors: roots.map((der) => anchorOf(readX509(der))),
      ...{ atMs: at().epochMilliseconds + 1_000, verify: verifySigned, extendedKeyUse: SEALING },
    });
    return result.valid ? "valid" : result.problem;
  };
  const shares = ["--share", "centre/shares/1.txt", "--share", "centre/shares/2.txt"];
  const keysOf = async (node: string) =>
    (await openFileKeys(path(node, "keys"), { passphrase: async () => PASSPHRASE })).store;
  const placeOf = async (node: string) => ({
    ...{ keys: await keysOf(node), folder: path(node, "keys"), operator: "样本省政务服务", at: Temporal.Now.instant() },
    suites: INTERNATIONAL_CHOICE,
  });

  test("an authority that the centre certified for one province certifies its holders, and nobody else's certificate holds", async () => {
    const begin = ["--operator", "中央", "--custodian", "甲", "--custodian", "乙", "--threshold", "2"];
    await done("node", "trust", "ceremony", "begin", "--folder", "centre", "--suite", "international", ...begin);
    await done("node", "trust", "issuer", "request", "--operator", "样本省政务服务", "--out", "requests");
    const requests = (await readdir(path("requests"))).flatMap((name) => ["--request", `requests/${name}`]);
    const province = ["--province", PROVINCE, ...shares];
    await done("node", "trust", "ceremony", "sign", "--folder", "centre", ...province, ...requests);
    const issued = (await readdir(path("centre/issued"))).map((name) => `centre/issued/${name}`);
    const root = fromPem(await readFile(path("centre/root.pem"), "utf8"));
    const files = ["centre/root.pem", "centre/root.crl", ...issued];
    await done("node", "trust", "issuer", "install", ...files, "--fingerprint", sha256Hex(root));
    const protocols = (await readdir(path("centre"))).filter((name) => name.endsWith(".md"));
    const said = await Promise.all(protocols.map((name) => readFile(path("centre", name), "utf8")));
    assert.ok(said.some((one) => one.includes(`仅限 ${PROVINCE} only`)));

    const place = await placeOf("node");
    const hierarchy = await openHierarchy(place);
    const { info } = await place.keys.ensureKey("seal/test", "p256");
    const subject = { commonName: "样本县市场监督管理局", organization: "样本县市场监督管理局" };
    const own = readX509(await hierarchy.issue({ profile: "seal", subject, publicKeyInfo: info, at: at() }));
    assert.equal(judge(own, hierarchy.chainOf(own), [root]), "valid");
    const authority = hierarchy.issuer("seal");
    const issuedFor = async (name: object) =>
      readX509(
        await issueCertificate({
          ...{ profile: "seal", subject: { ...subject, ...name }, publicKeyInfo: info, notBefore: at() },
          issuer: {
            name: authority.certificate.subject.raw,
            ...(authority.certificate.subjectKeyId && {
              keyId: Uint8Array.fromHex(authority.certificate.subjectKeyId),
            }),
            sign: (part) => hierarchy.sign(authority, part),
          },
        }),
      );
    for (const name of [{ province: "另一省" }, {}])
      assert.equal(judge(await issuedFor(name), [authority.certificate.der], [root]), "name-not-permitted");
  });

  test("a province's own authority certifies authorities below it, one deep, for its holders alone", async () => {
    const store = await keysOf("province");
    const { info } = await store.ensureKey("region", "p256");
    const content = {
      subject: writeSubject({ commonName: "样本省 CA" }),
      publicKey: readCertifyingKey(info),
      extensions: [],
    };
    const request = await writeRequest(content, (part) => store.sign("region", part));
    await writeFile(path("region.csr"), toPem(request).replaceAll("CERTIFICATE", "CERTIFICATE REQUEST"));
    const before = new Set(await readdir(path("centre/issued")));
    const asked = ["--as", "region", "--province", PROVINCE, "--request", "region.csr"];
    await done("node", "trust", "ceremony", "sign", "--folder", "centre", ...shares, ...asked);
    const [made = assert.fail()] = (await readdir(path("centre/issued"))).filter((name) => !before.has(name));
    const region = readX509(fromPem(await readFile(path("centre/issued", made), "utf8")));
    const root = fromPem(await readFile(path("centre/root.pem"), "utf8"));
    assert.equal(region.pathLength, 1);

    const certify = async (
      profile: "seal-issuer" | "seal" | "region",
      name: { readonly commonName: string; readonly province?: string },
      by: { readonly certificate: X509Certificate; readonly label: string },
    ) => {
      const label = `below/${profile}`;
      const key = await store.ensureKey(label, "p256");
      const der = await issueCertificate({
        ...{ profile, subject: name, publicKeyInfo: key.info, notBefore: at() },
        issuer: {
          name: by.certificate.subject.raw,
          ...(by.certificate.subjectKeyId && { keyId: Uint8Array.fromHex(by.certificate.subjectKeyId) }),
          sign: (part) => store.sign(by.label, part),
        },
      });
      return { certificate: readX509(der), label };
    };
    const top = { certificate: region, label: "region" };
    const issuer = await certify("seal-issuer", { commonName: "样本省 印章", province: PROVINCE }, top);
    const seal = await certify("seal", { commonName: "样本县民政局", province: PROVINCE }, issuer);
    const others = [issuer.certificate.der, region.der];
    assert.equal(judge(seal.certificate, others, [root]), "valid");
    const stranger = await certify("seal", { commonName: "另一县民政局", province: "另一省" }, issuer);
    assert.equal(judge(stranger.certificate, others, [root]), "name-not-permitted");
    const second = await certify("region", { commonName: "样本市 CA", province: PROVINCE }, top);
    const deeper = await certify("seal-issuer", { commonName: "样本市 印章", province: PROVINCE }, second);
    const deep = await certify("seal", { commonName: "样本县民政局", province: PROVINCE }, deeper);
    const chain = [deeper.certificate.der, second.certificate.der, region.der];
    assert.equal(judge(deep.certificate, chain, [root]), "path-length");
  });

  test("another body's root is added with its fingerprint alone; documents below it are then judged", async () => {
    const body = await openTrust({
      folder: path("body"),
      operator: "许可认证机构（样本）",
      at: "2026-01-01T00:00:00Z",
    });
    await body.connect({ authorityName: async () => "样本机关", demonstration: true });
    const pdf = PDF.create();
    pdf.addPage({ size: "a4" });
    const about = { authority: "0197c7a0-0000-7000-8000-000000000001", seal: "authority", reason: "x" } as const;
    const sealed = await body.signer.sealDocument({ pdf: await pdf.save(), ...about, at: at().toString() });
    await writeFile(path("body.pem"), toPem(body.hierarchy.root));
    const fingerprint = sha256Hex(body.hierarchy.root);
    const verdict = async () => {
      const { documentRoots: roots } = await openHierarchy(await placeOf("node"));
      const atMs = at().epochMilliseconds + 60_000;
      const found = await verifySealedPdf(sealed, { roots, atMs });
      const report = await verifyFile(sealed, { roots: roots.flatMap((root) => readCertificates(root)), atMs });
      assert.equal(report.verdict === "valid", found.ok);
      return found.ok ? "valid" : found.fault;
    };
    assert.equal(await verdict(), "untrusted");
    for (const wrong of [[], ["--fingerprint", fingerprint.replace(/^./, (digit) => (digit === "0" ? "1" : "0"))]])
      assert.equal((await run("node", "trust", "anchor", "add", "body.pem", ...wrong)).code, 1);
    await writeFile(path("seal.pem"), toPem(body.hierarchy.issuer("seal").certificate.der));
    const notRoot = sha256Hex(body.hierarchy.issuer("seal").certificate.der);
    assert.equal((await run("node", "trust", "anchor", "add", "seal.pem", "--fingerprint", notRoot)).code, 1);
    assert.equal(await verdict(), "untrusted", "nothing was added");
    for (const _ of ["once", "and again"])
      await done("node", "trust", "anchor", "add", "body.pem", "--fingerprint", fingerprint);
    assert.equal(await verdict(), "valid");
  });
});
