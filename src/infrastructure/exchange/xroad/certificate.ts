import { readPem, writePem } from "#lib/asn1/pem";
import { sha256Hex } from "#lib/crypto/digest";
import { readX509 } from "#lib/x509/certificate";

/** A certificate that a system shows, or a provider. */
export interface PinnedCertificate {
  readonly pem: string;
  /** SHA-256 of its DER, lower-case hexadecimal. */
  readonly fingerprint: string;
}

/** The one certificate of a PEM text; undefined where it is none, more than one, or not valid at the instant. */
export function pinnedCertificate(pem: string, now: string): PinnedCertificate | undefined {
  const [block, ...others] = readPem(pem.trim());
  if (block === undefined || others.length > 0 || block.label !== "CERTIFICATE") return undefined;
  try {
    const { notBeforeMs, notAfterMs } = readX509(block.der);
    const atMs = Date.parse(now);
    if (atMs < notBeforeMs || atMs > notAfterMs) return undefined;
  } catch {
    return undefined;
  }
  return { pem: writePem(block), fingerprint: sha256Hex(block.der) };
}

/** Of what Node says of a peer's certificate: its fingerprint, and undefined where it is not valid at the instant. */
export function shownFingerprint(
  shown: { readonly raw?: Uint8Array; readonly valid_from?: string; readonly valid_to?: string } | undefined,
  now: string,
): string | undefined {
  if (shown?.raw === undefined) return undefined;
  const atMs = Date.parse(now);
  const isValid = atMs >= Date.parse(shown.valid_from ?? "") && atMs <= Date.parse(shown.valid_to ?? "");
  return isValid ? sha256Hex(shown.raw) : undefined;
}
