/** From a request (PKCS #10) to a certificate in the register and the ledger. */

import type { Sql } from "#kernel/database/sql";
import type { OwnEntry } from "#kernel/system/context";
import { DerError } from "#lib/asn1/der";
import { readPem } from "#lib/asn1/pem";
import { isHostName } from "#lib/certificate/extensions";
import { type ReadRequest, readRequest } from "#lib/certificate/request";
import { readX509 } from "#lib/x509/certificate";
import { commonNameOf } from "#lib/x509/distinguished-name";
import { fingerprintOf, toPem } from "./authority-files.ts";
import { logCertificate } from "./certificate-log.ts";
import { type Subject, writeSubject } from "./issue.ts";
import { issuing } from "./issuing-port.ts";
import { type HolderProfileName, PROFILES } from "./profiles.ts";
import { type CertificateSuite, SUITE_KEYS } from "./purposes.ts";
import { instant, monthOf } from "./validity.ts";

export type EnrolmentProfile = Exclude<HolderProfileName, "status" | "stamp">;

/** What is asked for, as the contract has it. */
export interface AskedCertificate {
  readonly profile: EnrolmentProfile;
  readonly holder: string;
  readonly name: string;
  readonly organization?: string | undefined;
  readonly hosts: readonly string[];
  /** PEM. */
  readonly request: string;
}

export type Unfit =
  | { readonly code: "request-unreadable" | "request-not-signed" | "hosts-missing" | "no-authority" | "name-wrong" }
  | { readonly code: "key-unfit"; readonly values: { readonly keys: string } }
  | { readonly code: "hosts-wrong" | "hosts-differ"; readonly values: { readonly host: string } };

interface Fit {
  readonly publicKeyInfo: Uint8Array;
  readonly suite: CertificateSuite;
  readonly subject: Subject;
}

const NEEDS_HOSTS: readonly EnrolmentProfile[] = ["node"];
const TAKES_HOSTS: readonly EnrolmentProfile[] = ["node", "system"];
const KEY_NAMES: Readonly<Record<CertificateSuite, string>> = { international: "ECDSA P-256", national: "SM2" };

/** Whether a request can be granted as it stands; what it wishes beyond its names is passed over, the profile decides. */
export function checkAsked(asked: AskedCertificate): Fit | Unfit {
  const { profile, hosts } = asked;
  const request = requestOf(asked.request);
  if (typeof request === "string") return { code: request };
  const purpose = PROFILES[profile].issuer;
  const suites = purpose === undefined ? [] : issuing().suitesOf(purpose);
  if (suites.length === 0) return { code: "no-authority" };
  const suite = suites.find((one) => SUITE_KEYS[one].algorithm === request.publicKey.algorithm);
  if (suite === undefined)
    return { code: "key-unfit", values: { keys: suites.map((one) => KEY_NAMES[one]).join(", ") } };
  const wrong = hosts.find((host) => !isHostName(host));
  if (wrong !== undefined) return { code: "hosts-wrong", values: { host: wrong } };
  if (hosts.length === 0 && NEEDS_HOSTS.includes(profile)) return { code: "hosts-missing" };
  if (hosts.length > 0 && !TAKES_HOSTS.includes(profile))
    return { code: "hosts-wrong", values: { host: hosts[0] ?? "" } };
  const strange = namesOf(request).find((name) => !hosts.includes(name));
  if (strange !== undefined) return { code: "hosts-differ", values: { host: strange } };
  const subject = subjectOf(asked);
  return subject === undefined ? { code: "name-wrong" } : { publicKeyInfo: request.publicKeyInfo, suite, subject };
}

/** The request in a PEM text, or what is wrong with it. */
export function requestOf(pem: string): ReadRequest | "request-unreadable" | "request-not-signed" {
  const [block, ...more] = readPem(`${pem.trim()}\n`).filter(({ label }) =>
    /^(?:NEW )?CERTIFICATE REQUEST$/.test(label),
  );
  if (block === undefined || more.length > 0) return "request-unreadable";
  try {
    return readRequest(block.der) ?? "request-not-signed";
  } catch (error) {
    if (error instanceof DerError) return "request-unreadable";
    throw error;
  }
}

function namesOf({ known }: ReadRequest): readonly string[] {
  return known.alternativeNames.map((name) => (name.kind === "dns" ? name.value : name.kind));
}

function subjectOf({ name, organization, holder }: AskedCertificate): Subject | undefined {
  const subject: Subject = {
    commonName: name,
    ...(organization !== undefined && { organization }),
    serialNumber: holder,
  };
  try {
    writeSubject(subject);
    return subject;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** An operation of this room, as far as issuing needs it. */
interface IssuingAct {
  readonly now: string;
  record(entry: OwnEntry): Promise<number>;
  readonly tables: { write(): Promise<Sql> };
  readonly registers: { readonly certificate: { put(value: RegisteredCertificate): Promise<string> } };
}

interface RegisteredCertificate {
  serial: string;
  subjectKind: "authority" | "official" | "person" | "node";
  subjectId: string;
  name: string;
  use: "licensing" | "authority" | "record" | "none";
  notBefore: string;
  notAfter: string;
  status: "valid";
  pem: string;
  issuerKeyId: string | undefined;
  fingerprint: string;
  endsIn: string;
}

const SUBJECT_KINDS: Readonly<Record<EnrolmentProfile, RegisteredCertificate["subjectKind"]>> = {
  node: "node",
  system: "node",
  code: "node",
  seal: "authority",
  official: "official",
  person: "person",
};

export interface IssuedOnRequest {
  readonly serial: string;
  readonly chain: string;
  readonly notAfter: string;
}

/** Issues on a request; the certificate stands in register and ledger when the act commits, and before that nobody has it. */
export async function issueOnRequest(ctx: IssuingAct, asked: AskedCertificate): Promise<IssuedOnRequest | Unfit> {
  const fit = checkAsked(asked);
  if ("code" in fit) return fit;
  const der = await issuing().issue({
    ...{ profile: asked.profile, ...fit, at: Temporal.Instant.from(ctx.now), heldBy: "holder" },
    ...(asked.hosts.length > 0 && { hosts: asked.hosts }),
  });
  const certificate = readX509(der);
  const { serial, authorityKeyId: issuerKeyId, notBeforeMs, notAfterMs } = certificate;
  const fingerprint = fingerprintOf(der);
  const notAfter = instant(notAfterMs);
  await ctx.registers.certificate.put({
    ...{ serial, fingerprint, issuerKeyId, notAfter, pem: toPem(der), status: "valid" },
    subjectKind: SUBJECT_KINDS[asked.profile],
    subjectId: asked.holder,
    name: commonNameOf(certificate.subject),
    use:
      asked.profile === "seal"
        ? "authority"
        : asked.profile === "person" || asked.profile === "official"
          ? "record"
          : "none",
    notBefore: instant(notBeforeMs),
    endsIn: monthOf(notAfterMs),
  });
  await logCertificate(ctx, "certificate-issued", { fingerprint, serial, issuerKeyId });
  return { serial, chain: chainOf(der), notAfter };
}

/** A certificate and those above it but for the root, PEM. */
export function chainOf(der: Uint8Array): string {
  return [der, ...issuing().chainOf(readX509(der))].map(toPem).join("");
}
