import { readPem } from "#lib/asn1/pem";
import { sha256Hex } from "#lib/crypto/digest";
import { readX509 } from "#lib/x509/certificate";

/** SHA-256 of the first certificate in a PEM text, lower-case hex; undefined where there is none. */
export function fingerprintOfChain(chain: string): string | undefined {
  const [first] = readPem(chain).filter(({ label }) => label === "CERTIFICATE");
  return first === undefined ? undefined : sha256Hex(first.der);
}

/** By which its holder's register knows the key of the first certificate in a PEM text: SHA-256 of SubjectPublicKeyInfo, lower-case hex. */
export function keyOfChain(chain: string): string | undefined {
  const [first] = readPem(chain).filter(({ label }) => label === "CERTIFICATE");
  return first === undefined ? undefined : sha256Hex(readX509(first.der).publicKeyInfo);
}

/** When the first certificate in a PEM text ends, in milliseconds since 1970. */
export function certificateEnd(chain: string): number | undefined {
  const [first] = readPem(chain).filter(({ label }) => label === "CERTIFICATE");
  return first === undefined ? undefined : readX509(first.der).notAfterMs;
}
