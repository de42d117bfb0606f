/** The `openssl ts` command as a time-stamping authority that is not ours: RSA, and either way of naming its certificate. */
import type { KeyObject } from "node:crypto";
import { writePem } from "#lib/asn1/pem";
import type { Openssl } from "#lib/x509/testing/openssl";
import { type Imprint, writeStampRequest } from "../request.ts";

export interface OpensslStamper {
  readonly openssl: Openssl;
  readonly key: KeyObject;
  /** DER: its own first. */
  readonly certificates: readonly [Uint8Array, ...Uint8Array[]];
}

export interface OpensslStampOptions {
  readonly digest?: "sha1" | "sha256" | "sha384" | "sha512";
  /** How it names its certificate: SHA-1 is signingCertificate (RFC 2634), all others signingCertificateV2 (RFC 5035). */
  readonly namedBy?: "sha1" | "sha256" | "sha384" | "sha512";
  /** Whether it names those above as well. */
  readonly namesChain?: boolean;
  /** What to answer, in place of a request for the imprint. */
  readonly query?: Uint8Array;
}

/** A token, at the moment of the system's clock. */
export function stampWithOpenssl(
  { openssl, key, certificates }: OpensslStamper,
  imprint: Imprint,
  options: OpensslStampOptions = {},
): Uint8Array {
  return reply({ openssl, key, certificates }, imprint, { ...options, tokenAlone: true });
}

/** A whole answer (TimeStampResp). */
export function answerWithOpenssl(
  stamper: OpensslStamper,
  imprint: Imprint,
  options: OpensslStampOptions = {},
): Uint8Array {
  return reply(stamper, imprint, { ...options, tokenAlone: false });
}

function reply(
  { openssl, key, certificates }: OpensslStamper,
  imprint: Imprint,
  options: OpensslStampOptions & { readonly tokenAlone: boolean },
): Uint8Array {
  const { digest = "sha256", namedBy = "sha256", namesChain = false, query, tokenAlone } = options;
  const [own, ...above] = certificates;
  const pem = (...ders: readonly Uint8Array[]) =>
    openssl.file(ders.map((der) => writePem({ label: "CERTIFICATE", der })).join(""));
  const settings = openssl.file(
    [
      "[tsa]",
      `serial = ${openssl.file("01\n")}`,
      `signer_cert = ${pem(own)}`,
      ...(above.length === 0 ? [] : [`certs = ${pem(...above)}`]),
      `signer_key = ${openssl.file(key.export({ format: "pem", type: "pkcs8" }))}`,
      `signer_digest = ${digest}`,
      "default_policy = 2.25.7786914701326341539299527814196259909.1.99",
      "digests = sha256, sha384, sha512",
      "accuracy = secs:1",
      `ess_cert_id_chain = ${namesChain ? "yes" : "no"}`,
      `ess_cert_id_alg = ${namedBy}`,
      "",
    ].join("\n"),
  );
  const answer = openssl.file("");
  const asked = openssl.file(query ?? writeStampRequest(imprint));
  const form = tokenAlone ? ["-token_out"] : [];
  const said = openssl.run(
    "ts",
    "-reply",
    "-config",
    settings,
    "-section",
    "tsa",
    "-queryfile",
    asked,
    "-out",
    answer,
    ...form,
  );
  if (!said.isValid) throw new Error(said.output);
  return openssl.read(answer);
}
