import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DerError, readDer, TAG, writeDer, writeOid } from "#lib/asn1/der";
import { extendedKeyUsage, keyUsage } from "#lib/certificate/extensions";
import { utf8 } from "#lib/crypto/bytes";
import { isRsaKey, type RsaScheme } from "#lib/crypto/rsa";
import { readX509 } from "#lib/x509/certificate";
import { anchorOf, buildPath } from "#lib/x509/path-validation";
import { AT_MS } from "#lib/x509/testing/chains";
import { hasOpenssl, Openssl } from "#lib/x509/testing/openssl";
import {
  PKCS1_SHA256,
  PSS_SHA256,
  RsaAuthority,
  type RsaPair,
  rsaPair,
  rsaSign,
} from "#lib/x509/testing/rsa-authority";
import { verifySigned } from "./algorithms.ts";
import { readRsaScheme, writeRsaScheme } from "./rsa.ts";

const MESSAGE = utf8("清源县市场监督管理局（样本）");
const USE = "1.3.6.1.5.5.7.3.36";
const SCHEMES: readonly RsaScheme[] = [
  PKCS1_SHA256,
  PSS_SHA256,
  { padding: "pkcs1", digest: "sha384" },
  { padding: "pkcs1", digest: "sha512" },
  { padding: "pss", digest: "sha384", saltBytes: 48 },
  { padding: "pss", digest: "sha512", saltBytes: 20 },
];

describe("RSA of other authorities", () => {
  let pair: RsaPair;
  let other: RsaPair;
  before(() => {
    pair = rsaPair();
    other = rsaPair();
  });

  const verified = (scheme: RsaScheme, change: { info?: Uint8Array; algorithm?: Uint8Array; message?: Uint8Array }) =>
    verifySigned({
      publicKeyInfo: change.info ?? pair.info,
      algorithm: change.algorithm ?? writeRsaScheme(scheme),
      signed: change.message ?? MESSAGE,
      signature: rsaSign(pair.key, scheme, MESSAGE),
    });

  test("signatures of each scheme verify, and nothing else does", () => {
    for (const scheme of SCHEMES) {
      const name = JSON.stringify(scheme);
      assert.deepEqual(readRsaScheme(readDer(writeRsaScheme(scheme))), scheme, name);
      assert.ok(verified(scheme, {}), name);
      assert.ok(!verified(scheme, { message: utf8("x") }), name);
      assert.ok(!verified(scheme, { info: other.info }), name);
      for (const another of SCHEMES.filter((one) => one !== scheme))
        assert.ok(!verified(scheme, { algorithm: writeRsaScheme(another) }), `${name} as ${JSON.stringify(another)}`);
    }
    const inNational = { publicKeyInfo: pair.info, algorithm: writeRsaScheme(PKCS1_SHA256), signed: MESSAGE };
    const signature = rsaSign(pair.key, PKCS1_SHA256, MESSAGE);
    assert.ok(!verifySigned({ ...inNational, signature }, ["national"]), "RSA is of no national suite");
  });

  test("SHA-1, PSS without parameters or with two digests, and small keys are refused", () => {
    const named = (id: string, ...parameters: readonly Uint8Array[]) =>
      readDer(writeDer(TAG.sequence, writeOid(id), ...parameters));
    const nothing = writeDer(TAG.null);
    assert.throws(() => readRsaScheme(named("1.2.840.113549.1.1.5", nothing)), DerError);
    assert.throws(() => readRsaScheme(named("1.2.840.113549.1.1.10")), DerError);
    assert.throws(() => readRsaScheme(named("1.2.840.113549.1.1.10", writeDer(TAG.sequence))), DerError);
    assert.throws(() => readRsaScheme(named("1.2.840.113549.1.1.1", nothing)), DerError);
    assert.equal(readRsaScheme(named("1.2.840.113549.1.1.1", nothing), "sha256").digest, "sha256");
    assert.throws(() => readRsaScheme(named("1.2.840.113549.1.1.12", nothing), "sha256"), DerError);
    const small = rsaPair(1024);
    assert.ok(!isRsaKey(small.info));
    assert.ok(isRsaKey(pair.info));
    assert.ok(!isRsaKey(pair.info.subarray(1)));
  });

  test("a path of RSA certificates holds, and a changed one does not; openssl agrees", (context) => {
    const openssl = hasOpenssl() ? new Openssl() : undefined;
    if (openssl === undefined) context.diagnostic("openssl is not installed: not compared with it");
    else after(() => openssl.close());
    for (const scheme of [PKCS1_SHA256, PSS_SHA256]) {
      const root = new RsaAuthority("外部根", scheme, pair);
      const issuer = new RsaAuthority("外部印章机构", scheme, other, root);
      const uses = [keyUsage(["digitalSignature"]), extendedKeyUsage([USE])];
      const holder = issuer.issue({ commonName: "清源县市场监督管理局（样本）", info: pair.info, extensions: uses });
      const chain = [root.certificate, issuer.certificate, holder].map(readX509);
      const [anchor, between, end] = chain as [(typeof chain)[0], (typeof chain)[0], (typeof chain)[0]];
      const options = { anchors: [anchorOf(anchor)], atMs: AT_MS, verify: verifySigned, extendedKeyUse: USE };
      assert.ok(buildPath(end, [between], options).valid, scheme.padding);
      const forged = Uint8Array.from(holder);
      forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
      const verdict = buildPath(readX509(forged), [between], options);
      assert.equal(verdict.valid ? "valid" : verdict.problem, "signature");
      if (openssl !== undefined) {
        assert.ok(openssl.verify(chain, AT_MS).isValid, scheme.padding);
        assert.ok(!openssl.verify([anchor, between, readX509(forged)], AT_MS).isValid, scheme.padding);
      }
    }
  });
});
