import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { DerError, readDer, readTimeMs, TAG, writeDer } from "#lib/asn1/der";
import { readPem, writePem } from "#lib/asn1/pem";
import { hybridFromSeed, hybridPublicKeyOf } from "#lib/crypto/hybrid";
import { ed25519FromSeed, privateKeyFromPkcs8, publicKeyOf } from "#lib/crypto/keys";
import { suiteOfKey } from "#lib/crypto/purposes";
import { sm2PrivateKeyPem } from "#lib/crypto/sm2/key-files";
import { generateSm2Key } from "#lib/crypto/sm2/keys";
import type { SigningKey } from "#lib/crypto/suite";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { COMMON_NAME, type DistinguishedName } from "#lib/x509/distinguished-name";
import { anchorOf, validatePath } from "#lib/x509/path-validation";
import {
  type CertifiedKey,
  type CertifyingKey,
  readPublicKey,
  verifySigned,
  writeAlgorithm,
  writePublicKey,
} from "./algorithms.ts";
import { type CertificateContent, issueX509, writeCertificatePart } from "./certificate.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  dnsNames,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifier,
} from "./extensions.ts";
import { writeName } from "./name.ts";
import { readRequest, writeRequest } from "./request.ts";
import { writeTime } from "./time.ts";

interface Pair {
  readonly key: SigningKey;
  readonly publicKey: CertifyingKey;
}

const sm2 = (fill: number): Pair => {
  const key = generateSm2Key(new Uint8Array(48).fill(fill));
  return { key, publicKey: key.publicKey };
};
const ed25519Key = ed25519FromSeed(new Uint8Array(32).fill(1));
const p256Key = privateKeyFromPkcs8(
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "der", type: "pkcs8" }),
);
const PAIRS: readonly Pair[] = [
  sm2(1),
  { key: ed25519Key, publicKey: publicKeyOf(ed25519Key) },
  { key: p256Key, publicKey: publicKeyOf(p256Key) },
];

const signer = (key: SigningKey) => (message: Uint8Array) =>
  suiteOfKey(key).sign({ key, message, encoding: "der", randomness: new Uint8Array(32) });
const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);
const VALIDITY = { notBefore: at("2026-01-01T00:00:00Z"), notAfter: at("2056-01-01T00:00:00Z") };
const ROOT_NAME = writeName({ country: "CN", organization: "清源县（演示）", commonName: "样本 Root" });
const END_NAME = writeName({
  country: "CN",
  organization: "市场监督管理局",
  serialNumber: "A-1",
  commonName: "样本 印章",
});
const POLICY = "2.25.7786914701326341539299527814196259909.1.1";
const SEAL_USE = "1.3.6.1.5.5.7.3.36";

function root({ key, publicKey }: Pair): Promise<Uint8Array> {
  const id = keyIdentifier(publicKey);
  const extensions = [
    subjectKeyIdentifier(id),
    authorityKeyIdentifier(id),
    keyUsage(["keyCertSign", "crlSign"]),
    basicConstraints(true, 1),
  ];
  const names = { issuer: ROOT_NAME, subject: ROOT_NAME };
  const content = { ...VALIDITY, ...names, serial: Uint8Array.of(1), publicKey, extensions };
  return issueX509({ ...content, algorithm: publicKey.algorithm }, signer(key));
}

function contentOf(issuer: Pair, publicKey: CertifiedKey): CertificateContent {
  const extensions = [
    subjectKeyIdentifier(keyIdentifier(publicKey)),
    authorityKeyIdentifier(keyIdentifier(issuer.publicKey)),
    keyUsage(["digitalSignature", "nonRepudiation"]),
    basicConstraints(false),
    extendedKeyUsage([SEAL_USE]),
    certificatePolicies([POLICY]),
    dnsNames(["node.example", "*.node.example"]),
  ];
  const names = { issuer: ROOT_NAME, subject: END_NAME };
  const serial = new Uint8Array(16).fill(0x7f);
  return { ...VALIDITY, ...names, serial, publicKey, extensions, algorithm: issuer.publicKey.algorithm };
}

const issue = (issuer: Pair, publicKey: CertifiedKey) => issueX509(contentOf(issuer, publicKey), signer(issuer.key));

const isSignedBy = (certificate: X509Certificate, key: CertifiedKey): boolean =>
  verifySigned({
    publicKeyInfo: writePublicKey(key),
    algorithm: certificate.signatureAlgorithm,
    signed: certificate.signedPart,
    signature: certificate.signature,
  });

const commonName = (name: DistinguishedName | undefined): string | undefined =>
  name?.parts.flat().find(({ type }) => type === COMMON_NAME)?.value;

describe("certificates", () => {
  for (const issuer of PAIRS) {
    test(`signed with ${issuer.publicKey.algorithm} say what was written`, async () => {
      const read = readX509(await issue(issuer, sm2(2).publicKey));
      assert.ok(isSignedBy(read, issuer.publicKey));
      for (const other of PAIRS) if (other !== issuer) assert.ok(!isSignedBy(read, other.publicKey));
      assert.equal(read.serial, "7f".repeat(16));
      assert.equal(read.notBeforeMs, VALIDITY.notBefore.epochMilliseconds);
      assert.equal(read.notAfterMs, VALIDITY.notAfter.epochMilliseconds);
      assert.equal(commonName(read.subject), "样本 印章");
      assert.deepEqual(Buffer.from(read.issuer.raw), Buffer.from(ROOT_NAME));
      assert.deepEqual(readPublicKey(read.publicKeyInfo), sm2(2).publicKey);
      assert.deepEqual(
        read.alternativeNames,
        ["node.example", "*.node.example"].map((value) => ({ kind: "dns", value })),
      );
      assert.deepEqual([...(read.keyUses ?? [])].sort(), ["digitalSignature", "nonRepudiation"]);
      assert.deepEqual([read.isAuthority, read.policies, read.extendedKeyUses], [false, [POLICY], [SEAL_USE]]);
      assert.equal(read.authorityKeyId, keyIdentifier(issuer.publicKey).toHex());
    });

    test(`signed with ${issuer.publicKey.algorithm} stand on a valid path`, async () => {
      const anchor = anchorOf(readX509(await root(issuer)));
      const end = readX509(await issue(issuer, issuer.publicKey));
      const options = { anchor, atMs: VALIDITY.notBefore.epochMilliseconds, verify: verifySigned };
      const result = validatePath([end], { ...options, extendedKeyUse: SEAL_USE, policies: [POLICY] });
      assert.ok(result.valid);
      const other = readX509(await issue(sm2(7), issuer.publicKey));
      assert.deepEqual(validatePath([other], options), { valid: false, problem: "signature", at: 0 });
    });

    test(`signed with ${issuer.publicKey.algorithm} are refused or not verified with any byte changed`, async () => {
      const der = await issue(issuer, issuer.publicKey);
      for (let index = 0; index < der.length; index++) {
        const changed = der.slice();
        changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
        let accepted = false;
        try {
          accepted = isSignedBy(readX509(changed), issuer.publicKey);
        } catch (error) {
          assert.ok(error instanceof DerError, `byte ${index}: ${error}`);
        }
        assert.ok(!accepted, `byte ${index}`);
      }
    });
  }

  test("are not written with what a reader would refuse", () => {
    const content = contentOf(PAIRS[0] as Pair, sm2(2).publicKey);
    const serials = [new Uint8Array(0), new Uint8Array(3), new Uint8Array(21).fill(1), new Uint8Array(20).fill(0xff)];
    for (const serial of serials) assert.throws(() => writeCertificatePart({ ...content, serial }), RangeError);
    const early = at("2025-01-01T00:00:00Z");
    assert.throws(() => writeCertificatePart({ ...content, notAfter: early }), RangeError);
    assert.throws(() => dnsNames(["no host"]), RangeError);
    assert.throws(() => keyUsage([]), RangeError);
    const names = [{ country: "CHN" }, { commonName: "" }, { commonName: "x".repeat(65) }, { serialNumber: "号" }];
    for (const name of names) assert.throws(() => writeName(name), RangeError);
  });

  test("have times that exist", () => {
    const instants = ["1950-01-01T00:00:00Z", "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z", "9999-12-31T23:59:59Z"];
    for (const text of instants) {
      assert.equal(readTimeMs(readDer(writeTime(at(text)))), at(text).epochMilliseconds, text);
    }
    for (const text of ["260231000000Z", "260101000060Z", "261301000000Z", "2601010000Z", "260101000000+0800"]) {
      assert.throws(() => readTimeMs(readDer(writeDer(TAG.utcTime, Buffer.from(text)))), DerError, text);
    }
    const general = (text: string) => readTimeMs(readDer(writeDer(TAG.generalizedTime, Buffer.from(text))));
    for (const text of ["20500229000000Z", "00500101000000Z"]) assert.throws(() => general(text), DerError, text);
    assert.throws(() => writeTime(at("1949-12-31T23:59:59Z")), RangeError);
  });
});

describe("signatures of certificates", () => {
  const { key, publicKey } = PAIRS[0] as Pair;
  const signed = new Uint8Array(9);
  const signature = signer(key)(signed);
  const check = { publicKeyInfo: writePublicKey(publicKey), algorithm: writeAlgorithm("SM2"), signed, signature };

  test("verify with the suites that are accepted, NULL parameters of SM2 or none", () => {
    assert.ok(verifySigned(check));
    assert.ok(verifySigned(check, ["national"]));
    assert.ok(!verifySigned(check, ["international"]));
    const algorithm = readDer(check.algorithm).children[0]?.raw ?? assert.fail();
    assert.ok(verifySigned({ ...check, algorithm: writeDer(TAG.sequence, algorithm, writeDer(TAG.null)) }));
    assert.ok(!verifySigned({ ...check, algorithm: writeDer(TAG.sequence, algorithm, writeDer(TAG.sequence)) }));
    assert.ok(!verifySigned({ ...check, algorithm: writeAlgorithm("ES256") }));
  });

  test("of arbitrary keys and algorithms do not verify, nor throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        assert.ok(!verifySigned({ ...check, publicKeyInfo: bytes }));
        assert.ok(!verifySigned({ ...check, algorithm: bytes }));
        assert.ok(!verifySigned({ ...check, signature: bytes }));
      }),
    );
  });
});

describe("requests", () => {
  for (const { key, publicKey } of PAIRS) {
    test(`signed with ${publicKey.algorithm} say what was written, and are refused when changed`, async () => {
      const content = { subject: END_NAME, publicKey, extensions: [dnsNames(["node.example"])] };
      const der = await writeRequest(content, signer(key));
      const read = readRequest(der);
      assert.equal(commonName(read?.subject), "样本 印章");
      assert.deepEqual(read?.known.alternativeNames, [{ kind: "dns", value: "node.example" }]);
      for (let index = 0; index < der.length; index += 3) {
        const changed = der.slice();
        changed[index] = (changed[index] ?? 0) ^ 1;
        let accepted: unknown;
        try {
          accepted = readRequest(changed);
        } catch (error) {
          assert.ok(error instanceof DerError, `byte ${index}: ${error}`);
        }
        assert.equal(accepted, undefined, `byte ${index}`);
      }
      // Another's key in one's own request shows no possession.
      const foreign = await writeRequest({ ...content, publicKey: sm2(9).publicKey }, signer(sm2(8).key));
      assert.equal(readRequest(foreign), undefined);
      assert.ok(readRequest(await writeRequest({ ...content, extensions: [] }, signer(key))));
    });
  }

  test("answer arbitrary bytes with a DER error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.throws(() => readRequest(bytes), DerError);
      }),
    );
    assert.throws(() => readRequest(new Uint8Array(20_000)), DerError);
  });
});

/** Why the tests with openssl cannot run here, or false. */
function reasonToSkip(): string | false {
  try {
    const curves = execFileSync("openssl", ["ecparam", "-list_curves"], { encoding: "utf8", stdio: "pipe" });
    return curves.includes("SM2") ? false : "this openssl has no SM2";
  } catch {
    return "openssl is not installed";
  }
}

describe("certificates and requests of SM2 with the openssl command", { skip: reasonToSkip() }, () => {
  let folder = "";
  const path = (name: string): string => join(folder, name);
  const put = (name: string, label: string, der: Uint8Array): string => {
    writeFileSync(path(name), writePem({ label, der }));
    return path(name);
  };
  const openssl = (...parts: string[]): string => execFileSync("openssl", parts, { encoding: "utf8", stdio: "pipe" });
  const read = (name: string): Uint8Array => readPem(readFileSync(path(name), "utf8"))[0]?.der ?? assert.fail(name);
  const newKey = (name: string) =>
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", path(name));
  const SIGN = ["-sm3", "-sigopt", "distid:1234567812345678"];
  const VERIFY = ["-vfyopt", "distid:1234567812345678"];
  const issuer = PAIRS[0] as Pair;
  /** A certificate for a request, from their root. */
  const certify = (request: string, certificate: string): X509Certificate => {
    const authority = ["-CA", path("their-root.crt"), "-CAkey", path("theirs.pem"), "-copy_extensions", "copy"];
    const files = ["-in", path(request), "-out", path(certificate)];
    openssl("x509", "-req", ...files, ...authority, ...SIGN, ...VERIFY, "-days", "10");
    return readX509(read(certificate));
  };
  const selfSigned = (key: string, subject: string, certificate: string): X509Certificate => {
    openssl(
      "req",
      "-x509",
      "-new",
      "-key",
      path(key),
      ...SIGN,
      "-subj",
      subject,
      "-days",
      "30",
      "-out",
      path(certificate),
    );
    return readX509(read(certificate));
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "zhengtong-x509-"));
    newKey("theirs.pem");
    selfSigned("theirs.pem", "/C=CN/O=x/CN=root", "their-root.crt");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("chains that we issue are verified there, strictly", async () => {
    put("root.crt", "CERTIFICATE", await root(issuer));
    put("end.crt", "CERTIFICATE", await issue(issuer, sm2(3).publicKey));
    put("other.crt", "CERTIFICATE", await issue(sm2(4), sm2(3).publicKey));
    const strictly = ["verify", ...VERIFY, "-x509_strict", "-CAfile", path("root.crt")];
    assert.match(openssl(...strictly, path("root.crt")), /OK/);
    assert.match(openssl(...strictly, path("end.crt")), /OK/);
    assert.throws(() => openssl(...strictly, path("other.crt")));
    assert.match(openssl("x509", "-in", path("end.crt"), "-noout", "-text"), /SM2-with-SM3/);
  });

  test("certificates and requests made there verify here", () => {
    newKey("end.key");
    const names = ["-subj", "/C=CN/CN=end", "-addext", "subjectAltName=DNS:end.example"];
    openssl("req", "-new", "-key", path("end.key"), ...SIGN, ...names, "-out", path("end.csr"));
    const [authority, end] = [readX509(read("their-root.crt")), certify("end.csr", "their-end.crt")];
    const options = { anchor: anchorOf(authority), atMs: end.notBeforeMs, verify: verifySigned };
    assert.ok(validatePath([end], options).valid);
    assert.ok(!isSignedBy(end, issuer.publicKey));
    assert.deepEqual(end.alternativeNames, [{ kind: "dns", value: "end.example" }]);
    const asked = readRequest(read("end.csr"));
    assert.deepEqual(Buffer.from(asked?.publicKeyInfo ?? []), Buffer.from(end.publicKeyInfo));
    assert.equal(commonName(asked?.subject), "end");
  });

  test("requests that we write are accepted there", async () => {
    const { key, publicKey } = sm2(5);
    const content = { subject: END_NAME, publicKey, extensions: [dnsNames(["a.example"])] };
    put("ours.csr", "CERTIFICATE REQUEST", await writeRequest(content, signer(key)));
    openssl("req", "-in", path("ours.csr"), "-noout", "-verify", ...VERIFY);
    assert.deepEqual(readPublicKey(certify("ours.csr", "mixed.crt").publicKeyInfo), publicKey);
  });

  test("a key of ours makes certificates there that verify here", () => {
    const { key, publicKey } = sm2(6);
    writeFileSync(path("ours.pem"), key.algorithm === "SM2" ? sm2PrivateKeyPem(key) : "");
    assert.ok(isSignedBy(selfSigned("ours.pem", "/C=CN/CN=own", "own.crt"), publicKey));
  });
});

test("a hybrid key is certified, read back, and certifies nothing itself", async () => {
  const key = hybridFromSeed(new Uint8Array(64).fill(9));
  const publicKey = hybridPublicKeyOf(key);
  for (const issuer of PAIRS) {
    const certificate = readX509(await issue(issuer, publicKey));
    assert.ok(isSignedBy(certificate, issuer.publicKey));
    assert.deepEqual(writePublicKey(readPublicKey(certificate.publicKeyInfo)), writePublicKey(publicKey));
    assert.equal(isSignedBy(certificate, publicKey), false);
  }
  const info = writePublicKey(publicKey);
  assert.throws(() => readPublicKey(info.with(info.length - 1_985, 1)), DerError);
  assert.throws(() => readPublicKey(info.subarray(0, -1)), DerError);
});
