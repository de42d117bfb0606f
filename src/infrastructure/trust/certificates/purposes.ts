/**
 * What certificates are issued for. Each purpose has an issuing authority of its own, so that a key that issues for persons
 * can never make a seal, and one that was lost is replaced without touching the others.
 */
import { type CryptoPurpose, type SuiteChoice, suitesFor } from "#lib/crypto/purposes";
import type { CryptoSuite } from "#lib/crypto/suite";
import { type Text, text } from "#lib/language/text";
import type { KeyAlgorithm } from "../keys/key-store.ts";

export const ISSUING_PURPOSES = ["node", "seal", "official", "person", "code", "stamp"] as const;
export type IssuingPurpose = (typeof ISSUING_PURPOSES)[number];

/** The suites that certificates have. */
export type CertificateSuite = CryptoSuite["name"];
export const CERTIFICATE_SUITES = ["international", "national"] as const satisfies readonly CertificateSuite[];

export const PURPOSE_TITLES: Readonly<Record<IssuingPurpose, Text>> = Object.freeze({
  node: text("节点和系统", "Nodes and systems"),
  seal: text("机关印章", "Seals of authorities"),
  official: text("工作人员签名", "Signatures of officials"),
  person: text("个人签名", "Signatures of persons"),
  code: text("软件", "Code"),
  stamp: text("时间戳", "Time stamps"),
});

/** In which purposes of cryptography the certificates of each authority stand: their suites follow. */
const SERVES: Readonly<Record<IssuingPurpose, readonly CryptoPurpose[]>> = Object.freeze({
  node: ["tls", "message-signature"],
  seal: ["document-signature", "detached-seal"],
  official: ["certificate"],
  person: ["certificate"],
  code: ["certificate"],
  // Stamps on documents are read by what reads the documents.
  stamp: ["time-stamp", "document-signature"],
});

/** The suites in which a node has an authority for a purpose, the one that new certificates take by default first. */
export function suitesOf(purpose: IssuingPurpose, choice: SuiteChoice): readonly CertificateSuite[] {
  return [...new Set(SERVES[purpose].map((served) => suitesFor(served, choice).suite.name))];
}

/** How keys and signatures of a suite are called in the key store and in certificates. */
export const SUITE_KEYS: Readonly<
  Record<CertificateSuite, { readonly key: KeyAlgorithm; readonly algorithm: "ES256" | "SM2" }>
> = Object.freeze({
  international: { key: "p256", algorithm: "ES256" },
  national: { key: "sm2", algorithm: "SM2" },
});
