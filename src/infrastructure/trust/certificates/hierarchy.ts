/**
 * The node's own hierarchy: a root, which signs one issuer, which signs everybody else. Certificates are public and are
 * kept beside the keys; the same folder gives the same hierarchy.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Certificate, readCertificate } from "#kernel/documents/certificate";
import { readPem } from "#lib/asn1/pem";
import type { KeyStore } from "../keys/key-store.ts";
import { writeOnce } from "../keys/write-once.ts";
import { issueCertificate, type StatusPointers, type Subject, toPem, writeSubject } from "./issue.ts";
import type { ProfileName } from "./profiles.ts";

const ROOT_KEY = "authority/root";
const ISSUER_KEY = "authority/issuer";
/** Certificates are public. */
export const CERTIFICATE_FILE_MODE = 0o644;

export interface Hierarchy {
  /** DER. */
  readonly root: Uint8Array;
  /** DER. */
  readonly issuer: Uint8Array;
  /** Signs a list of certificates that an authority revoked. */
  signList(authority: AuthorityName, part: Uint8Array): Promise<Uint8Array>;
  /** Makes a certificate for a key, signed by the issuer; gives DER. */
  issue(request: {
    readonly profile: Exclude<ProfileName, "root" | "issuer">;
    readonly subject: Subject;
    readonly publicKeyInfo: Uint8Array;
    readonly at: Temporal.Instant;
    readonly hosts?: readonly string[];
  }): Promise<Uint8Array>;
}

export type AuthorityName = "root" | "issuer";

export interface HierarchyPlace {
  readonly keys: KeyStore;
  /** Where `root.pem` and `issuer.pem` lie. */
  readonly folder: string;
  /** Whose hierarchy: `清源县（演示）`. */
  readonly operator: string;
  readonly at: Temporal.Instant;
  /** Where others reach this node, for the pointers in certificates. */
  readonly publicUrl?: string;
}

/** Opens the hierarchy, making root and issuer on first use. */
export async function openHierarchy(place: HierarchyPlace): Promise<Hierarchy> {
  const rootKey = await place.keys.ensureKey(ROOT_KEY, "p256");
  const issuerKey = await place.keys.ensureKey(ISSUER_KEY, "p256");
  const signAsRoot = (data: Uint8Array): Promise<Uint8Array> => place.keys.sign(ROOT_KEY, data);
  const rootSubject: Subject = { commonName: `${place.operator} Zhengtong Root`, organization: place.operator };
  const root = await keep(join(place.folder, "root.pem"), () =>
    issueCertificate({
      profile: "root",
      subject: rootSubject,
      publicKeyInfo: rootKey.info,
      notBefore: place.at,
      issuer: { name: writeSubject(rootSubject), sign: signAsRoot },
    }),
  );
  const rootRead = readCertificate(root);
  const issuer = await keep(join(place.folder, "issuer.pem"), () =>
    issueCertificate({
      profile: "issuer",
      subject: { commonName: `${place.operator} Zhengtong Issuer`, organization: place.operator },
      publicKeyInfo: issuerKey.info,
      notBefore: place.at,
      ...pointersBelow("root", place.publicUrl),
      issuer: { ...asIssuer(rootRead), sign: signAsRoot },
    }),
  );
  const above = { ...asIssuer(readCertificate(issuer)), sign: (data: Uint8Array) => place.keys.sign(ISSUER_KEY, data) };
  return {
    root,
    issuer,
    signList: (authority, part) => place.keys.sign(authority === "root" ? ROOT_KEY : ISSUER_KEY, part),
    issue: ({ at, ...request }) =>
      issueCertificate({ ...request, ...pointersBelow("issuer", place.publicUrl), notBefore: at, issuer: above }),
  };
}

/** Only the issuer's certificates are asked for one by one; the root signs a list. */
function pointersBelow(authority: AuthorityName, publicUrl: string | undefined): { pointers?: StatusPointers } {
  if (publicUrl === undefined) return {};
  const pointers = {
    issuerUrl: `${publicUrl}/trust/ca/${authority}.cer`,
    listUrl: `${publicUrl}/trust/crl/${authority}.crl`,
  };
  return { pointers: authority === "root" ? pointers : { ...pointers, statusUrl: `${publicUrl}/trust/ocsp` } };
}

function asIssuer({ subjectName, subjectKeyId, notAfterMs }: Certificate) {
  return {
    name: subjectName,
    ...(subjectKeyId !== undefined && { keyId: Uint8Array.fromHex(subjectKeyId) }),
    notAfter: Temporal.Instant.fromEpochMilliseconds(notAfterMs),
  };
}

async function keep(path: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return fromPem(await readFile(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  await writeOnce(path, Buffer.from(toPem(await make())), CERTIFICATE_FILE_MODE);
  return fromPem(await readFile(path, "utf8"));
}

/** The first certificate of a PEM text. @throws {RangeError} when there is none */
export function fromPem(pem: string): Uint8Array {
  const found = readPem(pem).find(({ label }) => label === "CERTIFICATE");
  if (found === undefined) throw new RangeError("not a certificate in PEM");
  return found.der;
}
