/** Entries of the ledger about certificates, and which of them is about which: what is not here was issued by nobody. */

import type { Sql } from "#kernel/database/sql";
import type { LedgerEntryType } from "#kernel/ledger/entry";
import type { OwnEntry } from "#kernel/system/context";

export type LoggedEvent = "certificate-issued" | "certificate-revoked" | "certificate-reinstated";

/** On which processes of this node hear that a certificate was withdrawn or reinstated, once that is committed. */
export const STANDING_CHANNEL = "zhengtong_certificate_standing";

/** What an entry says of a certificate: nothing about whom it names. */
export interface LoggedCertificate {
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string;
  readonly serial: string;
  /** Identifier of the issuer's key, hexadecimal. */
  readonly issuerKeyId?: string | undefined;
  readonly reason?: string | undefined;
}

interface Act {
  record(entry: OwnEntry): Promise<number>;
  readonly tables: { write(): Promise<Sql> };
}

/** Enters what happened to a certificate, with the act that does it. */
export async function logCertificate(ctx: Act, what: LoggedEvent, about: LoggedCertificate): Promise<void> {
  const { fingerprint, serial, issuerKeyId, reason } = about;
  const detail = {
    certificate: fingerprint,
    serial,
    ...(issuerKeyId !== undefined && { issuer: issuerKeyId }),
    ...(reason !== undefined && { reason }),
  };
  const entryId = await ctx.record({ type: TYPE, operation: what, detail });
  const sql = await ctx.tables.write();
  await sql.execute(
    "INSERT INTO trust.logged_certificate (entry_id, fingerprint, what) VALUES ($1, decode($2, 'hex'), $3)",
    [entryId, fingerprint, what],
  );
  if (what !== "certificate-issued") await sql.query("SELECT pg_notify($1, '')", [STANDING_CHANNEL]);
}

const TYPE: LedgerEntryType = "key";

/** Whether a certificate's issuance is in the ledger. */
export async function isLogged(sql: Sql, fingerprint: string): Promise<boolean> {
  const rows = await sql.query(
    "SELECT 1 FROM trust.logged_certificate WHERE fingerprint = decode($1, 'hex') AND what = 'certificate-issued'",
    [fingerprint],
  );
  return rows.length > 0;
}

const ENTRIES_MAX = 20;

/** The entries about a certificate, the oldest first: its issuance, and then the newest of the others. */
export async function entriesAbout(sql: Sql, fingerprint: string): Promise<readonly number[]> {
  const rows = await sql.query<{ readonly entry_id: number }>(
    `SELECT entry_id FROM trust.logged_certificate WHERE fingerprint = decode($1, 'hex')
      ORDER BY what <> 'certificate-issued', entry_id DESC LIMIT $2`,
    [fingerprint, ENTRIES_MAX],
  );
  return rows.map(({ entry_id: id }) => id).sort((one, other) => one - other);
}
