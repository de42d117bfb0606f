/** Proof that a certificate's issuance, and its end, are in the ledger: without it our verifiers refuse a certificate. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "#kernel/database/sql";
import type { Ledger } from "#kernel/ledger/ledger";
import type { LedgerReceipt } from "#kernel/ledger/receipts";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { entriesAbout } from "../certificates/certificate-log.ts";

export const FINGERPRINT = /^[0-9a-f]{64}$/;

/** What is served; packages/verifier reads it. */
export interface CertificateProof {
  readonly format: "zhengtong-certificate-proof/1";
  /** SHA-256 of the certificate, hexadecimal. */
  readonly certificate: string;
  /** Receipts of the entries about it, the oldest first: the first is that of its issuance. */
  readonly entries: readonly LedgerReceipt[];
  /** How the log's keys followed each other, once for all of them; absent where none did. */
  readonly successions?: readonly string[];
}

/** Undefined for a certificate that is not in the ledger. */
export async function certificateProof(
  { database, ledger }: { readonly database: Database; readonly ledger: Pick<Ledger, "receiptsFor"> },
  fingerprint: string,
): Promise<CertificateProof | undefined> {
  const ids = FINGERPRINT.test(fingerprint) ? await entriesAbout(database, fingerprint) : [];
  if (ids.length === 0) return undefined;
  const receipts = await ledger.receiptsFor(ids);
  const successions = receipts[0]?.successions;
  return {
    ...{ format: "zhengtong-certificate-proof/1", certificate: fingerprint },
    // Each seal brings this along: what the receipts have in common stands in it once.
    entries: receipts.map(({ successions: _, ...receipt }) => receipt),
    ...(successions && { successions }),
  };
}

/** Certificates of which the proof is kept: a node seals with a few keys. */
const KEPT_MAX = 64;
/** The sequencer puts an entry into the log within a second. */
const WAIT_TRIES = 10;
const WAIT_MS = 100;

/**
 * Gives the proofs that go along with seals, UTF-8: of certificates whose issuance is in the log. That of one which was issued just now
 * is waited for, shortly; a seal is not held up by it.
 */
export function carriedProofs(source: {
  readonly database: Database;
  readonly ledger: Pick<Ledger, "receiptsFor" | "sequenceNow">;
  /** How often it is looked for, a tenth of a second apart. */
  readonly tries?: number;
}): (certificate: Uint8Array) => Promise<Uint8Array | undefined> {
  const kept = new Map<string, Uint8Array>();
  return async (certificate) => {
    const fingerprint = sha256Hex(certificate);
    const known = kept.get(fingerprint);
    if (known !== undefined) return known;
    for (let tries = 1; tries <= (source.tries ?? WAIT_TRIES); tries += 1) {
      const proof = await certificateProof(source, fingerprint);
      if (proof === undefined) return undefined;
      if (proof.entries.every(({ state }) => state === "proved")) {
        const written = utf8(JSON.stringify(proof));
        if (kept.size >= KEPT_MAX) kept.clear();
        kept.set(fingerprint, written);
        return written;
      }
      await source.ledger.sequenceNow(0);
      if (tries > 1) await sleep(WAIT_MS);
    }
    return undefined;
  };
}
