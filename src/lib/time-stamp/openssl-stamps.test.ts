/** Stamps of an authority that is not ours, made by the `openssl` command. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DerError, TAG, writeDer, writeSmallInteger } from "#lib/asn1/der";
import { verifySigned } from "#lib/certificate/algorithms";
import { extendedKeyUsage, keyUsage } from "#lib/certificate/extensions";
import { writeName } from "#lib/certificate/name";
import { utf8 } from "#lib/crypto/bytes";
import { sha1, sha256 } from "#lib/crypto/digest";
import { readX509 } from "#lib/x509/certificate";
import { anchorOf } from "#lib/x509/path-validation";
import { hasOpenssl, Openssl } from "#lib/x509/testing/openssl";
import { PKCS1_SHA256, RsaAuthority, type RsaPair, rsaPair } from "#lib/x509/testing/rsa-authority";
import { issuerAndSerial, signedAnew } from "./testing/foreign-token.ts";
import { type OpensslStamper, type OpensslStampOptions, stampWithOpenssl } from "./testing/openssl-stamps.ts";
import { readToken, TIME_STAMPING_USE, verifyToken } from "./token.ts";

const imprint = { algorithm: "2.16.840.1.101.3.4.2.1", digest: sha256(utf8("食品经营许可证（样本）")) };
const USES = [keyUsage(["digitalSignature"]), extendedKeyUsage([TIME_STAMPING_USE], true)];

describe("time stamps of another authority", {
  skip: hasOpenssl() ? false : "the openssl command is not installed",
}, () => {
  let openssl: Openssl;
  let root: RsaAuthority;
  let pair: RsaPair;
  let stamper: OpensslStamper;
  let validity: { readonly notBefore: Temporal.Instant; readonly notAfter: Temporal.Instant };

  before(() => {
    openssl = new Openssl();
    // openssl stamps by the system's clock.
    const now = Temporal.Now.instant();
    validity = { notBefore: now.subtract({ hours: 24 }), notAfter: now.add({ hours: 24 }) };
    root = new RsaAuthority("外部根", PKCS1_SHA256, rsaPair(), undefined, validity);
    pair = rsaPair();
    const own = root.issue({ commonName: "外部时间戳", info: pair.info, extensions: USES, ...validity });
    stamper = { openssl, key: pair.key, certificates: [own] };
  });
  after(() => openssl.close());

  const judged = (options: OpensslStampOptions) => verdict(stampWithOpenssl(stamper, imprint, options));
  const verdict = (token: Uint8Array) => {
    const found = verifyToken(readToken(token), {
      imprint,
      anchors: [anchorOf(readX509(root.certificate))],
      verify: verifySigned,
    });
    return "problem" in found ? found.problem : "good";
  };

  for (const digest of ["sha256", "sha384", "sha512"] as const)
    for (const namedBy of ["sha256", "sha384", "sha512"] as const)
      test(`of RSA with ${digest}, naming its certificate by ${namedBy}`, () => {
        assert.equal(judged({ digest, namedBy }), "good");
        assert.equal(judged({ digest, namedBy, namesChain: true }), "good");
      });

  test("naming its certificate by SHA-1, as RFC 3161 had it; but not digesting with it", () => {
    assert.equal(judged({ namedBy: "sha1" }), "good");
    assert.equal(judged({ namedBy: "sha1", namesChain: true, digest: "sha512" }), "good");
    assert.throws(() => judged({ digest: "sha1" }), DerError);
  });

  test("another certificate of the same name, number and key is not the one that it named", () => {
    const [own] = stamper.certificates;
    const later = { ...validity, notAfter: validity.notAfter.add({ hours: 1 }) };
    const other = root.issue({ commonName: "外部时间戳", info: pair.info, extensions: USES, ...later });
    assert.equal(own.length, other.length);
    for (const namedBy of ["sha1", "sha256"] as const) {
      const token = Buffer.from(stampWithOpenssl(stamper, imprint, { namedBy }));
      assert.ok(token.indexOf(own) > 0);
      token.set(other, token.indexOf(own));
      assert.equal(verdict(token), "signer", namedBy);
    }
  });

  test("both ways of naming count where both are there, and whoever is named beside the digest", () => {
    const [certificate] = stamper.certificates;
    const token = stampWithOpenssl(stamper, imprint);
    const anew = (...attributes: readonly (readonly [string, Uint8Array])[]) =>
      verdict(signedAnew(token, { pair, certificate }, attributes));
    const sequence = (...parts: readonly Uint8Array[]) => writeDer(TAG.sequence, ...parts);
    const naming = (id: string, digest: Uint8Array, ...more: readonly Uint8Array[]) =>
      [id, sequence(sequence(sequence(writeDer(TAG.octetString, digest), ...more)))] as const;
    const [former, present] = ["1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"] as const;
    const [right, rightNow] = [naming(former, sha1(certificate)), naming(present, sha256(certificate))];
    assert.equal(anew(right), "good");
    assert.equal(anew(right, rightNow), "good");
    assert.equal(anew(), "signer");
    assert.equal(anew(naming(former, sha256(certificate))), "signer");
    assert.equal(anew(naming(former, sha1(root.certificate)), rightNow), "signer");
    assert.equal(anew(right, naming(present, sha256(root.certificate))), "signer");
    const { issuer, serial } = issuerAndSerial(certificate);
    const issuerSerial = (name: Uint8Array, number: Uint8Array) => sequence(sequence(writeDer(0xa4, name)), number);
    const named = (name: Uint8Array, number: Uint8Array) =>
      anew(naming(former, sha1(certificate), issuerSerial(name, number)));
    assert.equal(named(issuer, serial), "good");
    assert.equal(named(issuer, writeSmallInteger(9)), "signer");
    assert.equal(named(writeName({ country: "CN", commonName: "别处" }), serial), "signer");
    assert.throws(() => anew([former, sequence()]), DerError);
    assert.throws(() => anew(naming(former, sha1(certificate), issuerSerial(issuer, serial), serial)), DerError);
  });
});
