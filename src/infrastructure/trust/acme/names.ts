/** Names: which an account may have, which a request asks for, whose key a certificate has. */
import { createPublicKey } from "node:crypto";
import { DerError } from "#lib/asn1/der";
import { type ReadRequest, readRequest } from "#lib/certificate/request";
import { equalBytes } from "#lib/crypto/bytes";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { commonNameOf } from "#lib/x509/distinguished-name";
import type { PublicJwk } from "./jws.ts";

/** Whether a permitted name, or `*.` before one, covers a host. A wildcard is none: no web server can prove it (RFC 8555 §8.3). */
export function fits(pattern: string, host: string): boolean {
  if (host.startsWith("*")) return false;
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}

/** As it can stand in an answer: what a client sent may hold anything. */
export function printable(name: string): string {
  return name.replaceAll(/[^a-z0-9.*-]/g, "?").slice(0, 100);
}

/** All names that a request asks for; a name that is no host's counts as well, so that it fits no order. */
export function namesIn({ known, subject }: ReadRequest): ReadonlySet<string> {
  const names = known.alternativeNames.map((name) => (name.kind === "dns" ? name.value.toLowerCase() : name.kind));
  const common = commonNameOf(subject).toLowerCase();
  return new Set(common === "" ? names : [...names, common]);
}

/** Undefined where it cannot be read or does not show that its sender has the key. */
export function requestOf(der: Uint8Array): ReadRequest | undefined {
  return readable(() => readRequest(der));
}

export function certificateOf(der: Uint8Array): X509Certificate | undefined {
  return readable(() => readX509(der));
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** Whether a key is that of a certificate. */
export function isKeyOf(jwk: PublicJwk, publicKeyInfo: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    return equalBytes(key.export({ type: "spki", format: "der" }), publicKeyInfo);
  } catch {
    return false; // no point of its curve, say
  }
}
