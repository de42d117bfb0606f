/**
 * A certificate that its own key signs, for connections whose two sides know each other's very certificate: who issued it says
 * nothing there.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { writePem } from "#lib/asn1/pem";
import { readPublicKey } from "#lib/certificate/algorithms";
import { issueX509 } from "#lib/certificate/certificate";
import { dnsNames } from "#lib/certificate/extensions";
import { writeSubject } from "../certificates/issue.ts";

const SERIAL_BYTES = 16;
/** RFC 5280 appendix A: ub-common-name. A longer host stands in the names alone. */
const COMMON_NAME_MAX = 64;
/** How long it is valid: whoever relies on it looks at it again by then. */
const VALID_DAYS = 825;
/** Clocks differ. */
const EARLIER_HOURS = 1;

/**
 * @param options.privateKey PKCS #8 or SEC 1, PEM; P-256
 * @param options.at ISO 8601
 * @returns PEM
 */
export async function selfSigned(options: {
  readonly privateKey: string;
  readonly host: string;
  readonly at: string;
}): Promise<string> {
  const key = createPrivateKey(options.privateKey);
  const publicKey = readPublicKey(new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" })));
  const subject = writeSubject({ commonName: options.host.slice(0, COMMON_NAME_MAX) });
  const serial = new Uint8Array(randomBytes(SERIAL_BYTES));
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const from = Temporal.Instant.from(options.at).subtract({ hours: EARLIER_HOURS });
  const der = await issueX509(
    {
      ...{ serial, algorithm: "ES256", issuer: subject, subject, publicKey },
      ...{ notBefore: from, notAfter: from.add({ hours: VALID_DAYS * 24 }), extensions: [dnsNames([options.host])] },
    },
    (part) => new Uint8Array(sign("sha256", part, key)),
  );
  return writePem({ label: "CERTIFICATE", der });
}

/** A new key for connections: P-256, PKCS #8, PEM. */
export function newConnectionKey(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ format: "pem", type: "pkcs8" })
    .toString();
}
