/** Stamps of an authority that is not ours, made by the `openssl` command. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { verifySigned } from "#lib/certificate/algorithms";
import { extendedKeyUsage, keyUsage } from "#lib/certificate/extensions";
import { utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { readX509 } from "#lib/x509/certificate";
import { anchorOf } from "#lib/x509/path-validation";
import { hasOpenssl, Openssl } from "#lib/x509/testing/openssl";
import { PKCS1_SHA256, RsaAuthority, type RsaPair, rsaPair } from "#lib/x509/testing/rsa-authority";
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

  before(() => {
    openssl = new Openssl();
    // openssl stamps by the system's clock.
    const now = Temporal.Now.instant();
    const validity = { notBefore: now.subtract({ hours: 24 }), notAfter: now.add({ hours: 24 }) };
    root = new RsaAuthority("外部根", PKCS1_SHA256, rsaPair(), undefined, validity);
    pair = rsaPair();
    const own = root.issue({ commonName: "外部时间戳", info: pair.info, extensions: USES, ...validity });
    stamper = { openssl, key: pair.key, certificates: [own] };
  });
  after(() => openssl.close());

  const judged = (options: OpensslStampOptions, by = stamper) => {
    const token = readToken(stampWithOpenssl(by, imprint, options));
    const found = verifyToken(token, {
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
});
