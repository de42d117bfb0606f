/**
 * X.509 certificates (RFC 5280) of one profile: P-256, Ed25519, SM2, RSA or hybrid keys, few extensions, unknown critical ones refused.
 */
import { decodeBase64, hex, same } from "./bytes.ts";
import { bits, boolean, broken, child, type Element, expect, integer, oid, readDer, TAG, time } from "./der.ts";
import { checkNames, type NameConstraints, readNameConstraints } from "./name-constraints.ts";
import { Refusal } from "./report.ts";
import { keyFromSpki, signatureForm, type VerifyingKey, verifies } from "./signature.ts";

export interface Certificate {
  readonly der: Uint8Array;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** AlgorithmIdentifier. */
  readonly signatureAlgorithm: Element;
  readonly serial: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly commonName: string;
  readonly organization: string;
  /** X.520 serialNumber: whose it is, where names are not enough. */
  readonly subjectNumber: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly key: VerifyingKey;
  readonly isAuthority: boolean;
  readonly pathLength: number | undefined;
  /** Bits of the key usage, from the first; undefined when the certificate does not restrict it. */
  readonly keyUsage: number | undefined;
  readonly extendedUses: readonly string[];
  /** Whoever does not know these uses must refuse the certificate. */
  readonly usesAreCritical: boolean;
  /** Nobody answers for its status: it is a responder's. */
  readonly noStatus: boolean;
  /** Whom it may certify; of an authority. */
  readonly nameConstraints: NameConstraints | undefined;
  /** The value of its subjectAltName. */
  readonly alternative: Uint8Array | undefined;
  /** The bits of its public key, which status answers digest. */
  readonly keyBits: Uint8Array;
}

const USAGE = { digitalSignature: 0x80, nonRepudiation: 0x40, keyCertSign: 0x04 } as const;
const DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36";
const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
const STATUS_SIGNING = "1.3.6.1.5.5.7.3.9";
/** Signing an application or a record: a use of the node's own, under a UUID (ITU-T X.667). */
const RECORD_SIGNING = "2.25.7786914701326341539299527814196259909.3.1";
/** What the holder at the end of a path does. */
export type EndUse = "sealing" | "stamping" | "signing";
const USES: Readonly<Record<EndUse, string>> = {
  sealing: DOCUMENT_SIGNING,
  stamping: TIME_STAMPING,
  signing: RECORD_SIGNING,
};

const PATH_MAX = 6;
const EXTENSION = {
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  noStatus: "1.3.6.1.5.5.7.48.1.5",
  nameConstraints: "2.5.29.30",
  alternative: "2.5.29.17",
} as const;
/** May be critical without harm: they say more about the certificate, they do not restrict it in a way unknown to us. */
const HARMLESS = ["2.5.29.14", "2.5.29.35"];

export function readCertificate(der: Uint8Array): Certificate {
  const whole = expect(readDer(der), TAG.sequence);
  if (whole.children.length !== 3) throw broken("a certificate has three parts");
  const signedPart = child(whole, 0, TAG.sequence);
  const parts = [...signedPart.children];
  const version = parts.shift();
  if (version?.tag !== 0xa0 || integer(child(version, 0)) !== 2) throw broken("not a version 3 certificate");
  const [serial, algorithm, issuer, validity, subject, keyInfo, ...optional] = parts;
  if (!serial || !algorithm || !issuer || !validity || !subject || !keyInfo) throw broken("a part is missing");
  const outer = child(whole, 1, TAG.sequence);
  if (!same(outer.raw, algorithm.raw)) throw broken("two signature algorithms");
  const key = keyFromSpki(keyInfo.raw);
  if (key === undefined)
    throw new Refusal("key-type", "证书密钥类型不受支持", "The certificate's key is of an unsupported type");
  return {
    der,
    signed: signedPart.raw,
    signature: bits(child(whole, 2)),
    signatureAlgorithm: outer,
    serial: expect(serial, TAG.integer).raw,
    issuer: issuer.raw,
    subject: subject.raw,
    commonName: nameOf(subject, "2.5.4.3"),
    organization: nameOf(subject, "2.5.4.10"),
    subjectNumber: nameOf(subject, "2.5.4.5"),
    notBefore: time(child(validity, 0)),
    notAfter: time(child(validity, 1)),
    key,
    keyBits: bits(child(keyInfo, 1)),
    ...readExtensions(optional),
  };
}

type Extensions = Pick<
  Certificate,
  | "isAuthority"
  | "pathLength"
  | "keyUsage"
  | "extendedUses"
  | "usesAreCritical"
  | "noStatus"
  | "nameConstraints"
  | "alternative"
>;

function readExtensions(optional: readonly Element[]): Extensions {
  const wrapper = optional.find(({ tag }) => tag === 0xa3);
  if (optional.length > 1 || (optional.length === 1 && wrapper === undefined)) throw broken("unexpected parts");
  let found: Extensions = {
    isAuthority: false,
    pathLength: undefined,
    keyUsage: undefined,
    extendedUses: [],
    usesAreCritical: false,
    noStatus: false,
    nameConstraints: undefined,
    alternative: undefined,
  };
  const seen = new Set<string>();
  for (const extension of wrapper === undefined ? [] : child(wrapper, 0, TAG.sequence).children) {
    const id = oid(child(extension, 0));
    if (seen.has(id)) throw broken("an extension that stands twice");
    seen.add(id);
    const critical = extension.children.length === 3 && boolean(child(extension, 1));
    const value = expect(extension.children.at(-1) ?? extension, TAG.octetString).content;
    if (id === EXTENSION.basicConstraints) found = { ...found, ...basicConstraints(readDer(value)) };
    else if (id === EXTENSION.keyUsage)
      found = { ...found, keyUsage: expect(readDer(value), TAG.bitString).content[1] ?? 0 };
    else if (id === EXTENSION.extendedKeyUsage)
      found = { ...found, extendedUses: readDer(value).children.map(oid), usesAreCritical: critical };
    else if (id === EXTENSION.nameConstraints) found = { ...found, nameConstraints: readNameConstraints(value) };
    else if (id === EXTENSION.alternative) found = { ...found, alternative: value };
    else if (id === EXTENSION.noStatus) found = { ...found, noStatus: true };
    else if (critical && !HARMLESS.includes(id)) {
      throw new Refusal(
        "critical-extension",
        `证书含有无法识别的关键扩展 ${id}`,
        `The certificate has an unknown critical extension ${id}`,
      );
    }
  }
  return found;
}

function basicConstraints(value: Element): Pick<Extensions, "isAuthority" | "pathLength"> {
  const [authority, length] = expect(value, TAG.sequence).children;
  const isAuthority = authority !== undefined && authority.tag === TAG.boolean && boolean(authority);
  return { isAuthority, pathLength: length === undefined ? undefined : integer(length) };
}

function nameOf(name: Element, attribute: string): string {
  for (const set of name.children) {
    for (const pair of set.children) {
      if (oid(child(pair, 0)) === attribute) return new TextDecoder().decode(child(pair, 1).content);
    }
  }
  return "";
}

/** Reads certificates from PEM, one or several, or from DER. */
export function readCertificates(bytes: Uint8Array): readonly Certificate[] {
  const source = new TextDecoder("latin1").decode(bytes);
  if (!source.includes("-----BEGIN")) return [readCertificate(bytes)];
  const blocks = source.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g);
  return [...blocks].map(([, body]) =>
    readCertificate(decodeBase64((body ?? "").replace(/\s/g, "")) ?? new Uint8Array()),
  );
}

/**
 * Checks the way from a certificate to a pinned root, at one moment.
 * @param trust.use what the end certificate is used for; sealing documents where absent
 * @returns the path, the root last
 */
export async function verifyPath(
  end: Certificate,
  others: readonly Certificate[],
  trust: { readonly roots: readonly Certificate[]; readonly atMs: number; readonly use?: EndUse },
): Promise<readonly Certificate[]> {
  const path = [end];
  for (;;) {
    const top = path.at(-1) as Certificate;
    // What an authority may certify binds everything below it.
    if (top.nameConstraints !== undefined)
      for (const [at, below] of path.slice(0, -1).entries())
        if (at === 0 || !same(below.subject, below.issuer)) checkNames(below, top.nameConstraints);
    checkOne(top, { position: path.length - 1, atMs: trust.atMs, use: USES[trust.use ?? "sealing"] });
    if (trust.roots.some((root) => same(root.der, top.der))) return path;
    if (path.length >= PATH_MAX) throw untrusted();
    const issuers = [...trust.roots, ...others].filter(({ subject }) => same(subject, top.issuer));
    let issuer: Certificate | undefined;
    for (const candidate of issuers) {
      if (issuer === undefined && !path.includes(candidate) && (await isSignedBy(top, candidate))) issuer = candidate;
    }
    if (issuer === undefined) {
      throw issuers.some((candidate) => !path.includes(candidate))
        ? new Refusal("certificate-signature", "证书签名无效", "A certificate's signature is wrong")
        : untrusted();
    }
    path.push(issuer);
  }
}

export async function isSignedBy(
  { signatureAlgorithm, signed, signature }: Pick<Certificate, "signatureAlgorithm" | "signed" | "signature">,
  { key }: Certificate,
): Promise<boolean> {
  const form = signatureForm(signatureAlgorithm, key);
  return form !== undefined && (await verifies(key, signed, signature, form));
}

function checkOne(
  certificate: Certificate,
  { position, atMs, use }: { readonly position: number; readonly atMs: number; readonly use: string },
): void {
  const name = certificate.commonName;
  if (atMs < certificate.notBefore) {
    throw new Refusal("not-yet-valid", `证书“${name}”尚未生效`, `The certificate of ${name} is not valid yet`);
  }
  if (atMs > certificate.notAfter) {
    throw new Refusal(
      "expired",
      `证书“${name}”已过期；可用 --at 指定核验时间`,
      `The certificate of ${name} has expired; --at judges another moment`,
    );
  }
  if (position === 0) return;
  const maySign = certificate.keyUsage === undefined || (certificate.keyUsage & USAGE.keyCertSign) !== 0;
  const tooLong = certificate.pathLength !== undefined && position - 1 > certificate.pathLength;
  // An authority that names uses certifies nothing else.
  const otherUse = certificate.extendedUses.length > 0 && !certificate.extendedUses.includes(use);
  if (!certificate.isAuthority || !maySign || tooLong || otherUse) {
    throw new Refusal("not-an-authority", `“${name}”无权签发该证书`, `${name} may not issue this certificate`);
  }
}

function untrusted(): Refusal {
  return new Refusal(
    "untrusted",
    "证书不是由您信任的根证书签发的",
    "The certificate does not lead to a root that you trust",
  );
}

/** Whether a certificate may seal documents and sign licences: that use (RFC 9336) must be named. */
export function maySeal({ keyUsage, extendedUses, isAuthority }: Certificate): boolean {
  const mayStamp = keyUsage === undefined || (keyUsage & (USAGE.digitalSignature | USAGE.nonRepudiation)) !== 0;
  return mayStamp && !isAuthority && extendedUses.includes(DOCUMENT_SIGNING);
}

/** Whether a certificate may stamp times, and nothing else (RFC 3161 §2.3). */
export function mayStampTimes({ extendedUses, usesAreCritical, isAuthority }: Certificate): boolean {
  return !isAuthority && usesAreCritical && extendedUses.length === 1 && extendedUses[0] === TIME_STAMPING;
}

/** Whether a certificate may answer for the status of others (RFC 6960 §4.2.2.2). */
export function mayAnswer({ extendedUses, noStatus, isAuthority }: Certificate): boolean {
  return !isAuthority && noStatus && extendedUses.includes(STATUS_SIGNING);
}

/** Whether a certificate may sign what a person or official says. */
export function maySign({ keyUsage, extendedUses, isAuthority }: Certificate): boolean {
  const signs = keyUsage === undefined || (keyUsage & (USAGE.digitalSignature | USAGE.nonRepudiation)) !== 0;
  return signs && !isAuthority && extendedUses.includes(RECORD_SIGNING);
}

/** For people: the issuing name and the serial number. */
export function describe(certificate: Certificate): Record<string, string> {
  return {
    name: certificate.commonName,
    organization: certificate.organization,
    serial: hex(certificate.serial.subarray(2)),
    notAfter: new Date(certificate.notAfter).toISOString(),
  };
}
