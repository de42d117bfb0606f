/** Proof that a certificate's issuance, and its end, are in the ledger: without it our verifiers refuse a certificate. */
import type { Database } from "#kernel/database/sql";
import type { Ledger } from "#kernel/ledger/ledger";
import type { LedgerReceipt } from "#kernel/ledger/receipts";
import { entriesAbout } from "../certificates/certificate-log.ts";

export const FINGERPRINT = /^[0-9a-f]{64}$/;

/** What is served; packages/verifier reads it. */
export interface CertificateProof {
  readonly format: "zhengtong-certificate-proof/1";
  /** SHA-256 of the certificate, hexadecimal. */
  readonly certificate: string;
  /** Receipts of the entries about it, the oldest first: the first is that of its issuance. */
  readonly entries: readonly LedgerReceipt[];
}

/** Undefined for a certificate that is not in the ledger. */
export async function certificateProof(
  { database, ledger }: { readonly database: Database; readonly ledger: Pick<Ledger, "receiptsFor"> },
  fingerprint: string,
): Promise<CertificateProof | undefined> {
  const ids = FINGERPRINT.test(fingerprint) ? await entriesAbout(database, fingerprint) : [];
  if (ids.length === 0) return undefined;
  return { format: "zhengtong-certificate-proof/1", certificate: fingerprint, entries: await ledger.receiptsFor(ids) };
}
