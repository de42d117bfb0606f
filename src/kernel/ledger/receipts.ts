import { toBase64 } from "#lib/crypto/base64url";
import { appendLeaves, EMPTY_RANGE } from "#lib/merkle/compact-range";
import { leafHash } from "#lib/merkle/hash";
import { type HashReader, inclusionProof } from "#lib/merkle/proof";
import type { Sql } from "../database/sql.ts";
import type { CheckpointSigner } from "../ports.ts";
import { latestCheckpoint } from "./checkpoints.ts";
import { type KeptContent, type KeptSubject, parseLeaf, subjectCommitment } from "./content.ts";
import type { LedgerContent, LedgerSubject, SubjectPart } from "./entry.ts";
import type { LedgerKeys } from "./keys.ts";
import { type EntryRow, keptOf, readEntryRows } from "./records.ts";
import { successionNotes } from "./successions.ts";
import { rememberedHashes, storedHashes } from "./tiles.ts";

/** Something that was committed to, with what is needed to check it; or that it was erased. */
export type Opening<Value> = { readonly value: Value; readonly salt: string } | { readonly erased: true };

/**
 * What a person takes home: everything that is needed to check, without the node, that an entry is in the log and what
 * it says. Bytes are base64. Its format is documented in packages/verifier/README.md.
 */
export interface LedgerReceipt {
  readonly format: "zhengtong-ledger-receipt/1";
  readonly origin: string;
  readonly verifierKey: string;
  /** How the log's keys followed each other, from that one on, as signed notes; absent where none did. */
  readonly successions?: readonly string[];
  readonly entryId: number;
  /** The entry as it is hashed into the log. */
  readonly leaf: string;
  readonly content: Opening<LedgerContent>;
  /** One subject's part of the entry. */
  readonly subject?: Opening<SubjectPart> & {
    readonly index: number;
    readonly count: number;
    readonly proof: readonly string[];
  };
  readonly state: "pending" | "proved";
  readonly log?: {
    readonly index: number;
    readonly proof: readonly string[];
    /** The signed checkpoint under which the proof holds. */
    readonly checkpoint: string;
  };
}

export interface ReceiptSource {
  readonly sql: Sql;
  readonly keys: LedgerKeys;
  readonly signer: Pick<CheckpointSigner, "origin" | "verifierKey">;
}

/**
 * A receipt for one entry: "pending" until the sequencer has put it into the log.
 * @param subject whose part is to be proved
 * @returns undefined when there is no such entry, or it does not concern this subject
 */
export async function receiptFor(
  source: ReceiptSource,
  entryId: number,
  subject?: Pick<LedgerSubject, "kind" | "id">,
): Promise<LedgerReceipt | undefined> {
  const [row] = await readEntryRows(source.sql, [entryId]);
  if (row === undefined) return undefined;
  const kept = keptOf(row, source.keys);
  const part = subject === undefined ? undefined : await subjectReceipt(kept, subject);
  if (subject !== undefined && part === undefined) return undefined;
  const log = await provenPlace(source.sql, row);
  const successions = await successionNotes(source.sql);
  return { ...receiptOf({ ...source, successions }, row, kept), ...(part && { subject: part }), ...stateOf(log) };
}

export interface ReceiptsWanted {
  /** Whose part is to be proved; entries that do not concern him are left out. */
  readonly subject?: Pick<LedgerSubject, "kind" | "id"> | undefined;
  /** Under which stored checkpoint; the newest where absent. */
  readonly checkpoint?: { readonly size: number; readonly note: string } | undefined;
}

/**
 * Receipts for several entries under one checkpoint, in the order of the entries; those that are not there are left out.
 */
export async function receiptsFor(
  source: ReceiptSource,
  entryIds: readonly number[],
  wanted: ReceiptsWanted = {},
): Promise<readonly LedgerReceipt[]> {
  const { sql } = source;
  const rows = await readEntryRows(sql, entryIds);
  const indexes = await indexesOf(sql, entryIds);
  const checkpoint = wanted.checkpoint ?? (await latestCheckpoint(sql));
  // After the checkpoint was read: by whichever key it is signed, how that came to be is among them.
  const successions = await successionNotes(sql);
  const hashes = rememberedHashes(sql, checkpoint?.size ?? 0);
  const receipts: LedgerReceipt[] = [];
  for (const row of rows.toSorted((one, other) => one.id - other.id)) {
    const index = indexes.get(row.id);
    const log =
      index === undefined || checkpoint === undefined || index >= checkpoint.size
        ? undefined
        : {
            index,
            proof: (await inclusionProof(index, checkpoint.size, hashes)).map(toBase64),
            checkpoint: checkpoint.note,
          };
    const kept = keptOf(row, source.keys);
    const part = wanted.subject === undefined ? undefined : await subjectReceipt(kept, wanted.subject);
    if (wanted.subject !== undefined && part === undefined) continue;
    receipts.push({
      ...receiptOf({ ...source, successions }, row, kept),
      ...(part && { subject: part }),
      ...stateOf(log),
    });
  }
  return receipts;
}

function receiptOf(
  source: ReceiptSource & { readonly successions: readonly string[] },
  row: EntryRow,
  kept: KeptContent,
): Omit<LedgerReceipt, "state" | "log"> {
  return {
    format: "zhengtong-ledger-receipt/1",
    origin: source.signer.origin,
    verifierKey: source.signer.verifierKey,
    ...(source.successions.length > 0 && { successions: source.successions }),
    entryId: row.id,
    leaf: toBase64(row.leaf),
    content:
      kept.content === undefined ? { erased: true } : { value: kept.content.value, salt: toBase64(kept.content.salt) },
  };
}

function stateOf(log: LedgerReceipt["log"]): Pick<LedgerReceipt, "state" | "log"> {
  return log === undefined ? { state: "pending" } : { state: "proved", log };
}

async function subjectReceipt(
  kept: KeptContent,
  { kind, id }: Pick<LedgerSubject, "kind" | "id">,
): Promise<LedgerReceipt["subject"] | undefined> {
  const index = kept.subjects.findIndex((known) => "part" in known && known.part.kind === kind && known.part.id === id);
  const found = kept.subjects[index];
  if (found === undefined || !("part" in found)) return undefined;
  const proof = await inclusionProof(index, kept.subjects.length, subjectHashes(kept.subjects));
  const { part: value, salt } = found;
  return { value, salt: toBase64(salt), index, count: kept.subjects.length, proof: proof.map(toBase64) };
}

function subjectHashes(subjects: readonly KeptSubject[]): HashReader {
  const nodes = new Map<string, Uint8Array>();
  const leaves = subjects.map((subject) => leafHash(subjectCommitment(subject)));
  appendLeaves(EMPTY_RANGE, leaves, (level, index, hash) => nodes.set(`${level}/${index}`, hash));
  return async (wanted) => wanted.map(({ level, index }) => nodes.get(`${level}/${index}`) as Uint8Array);
}

async function provenPlace(sql: Sql, row: EntryRow): Promise<LedgerReceipt["log"]> {
  const index = await indexOf(sql, row.id);
  const checkpoint = index === undefined ? undefined : await latestCheckpoint(sql);
  if (index === undefined || checkpoint === undefined) return undefined;
  const proof = await inclusionProof(index, checkpoint.size, storedHashes(sql, checkpoint.size));
  return { index, proof: proof.map(toBase64), checkpoint: checkpoint.note };
}

/** Where an entry stands in the log; undefined while it is pending. */
export async function indexOf(sql: Sql, entryId: number): Promise<number | undefined> {
  return (await indexesOf(sql, [entryId])).get(entryId);
}

/** Where entries stand in the log; those that are pending are left out. */
export async function indexesOf(sql: Sql, entryIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.query<{ readonly id: number; readonly index: number | null }>(
    `SELECT e.id, (SELECT previous + array_position(entry_ids, e.id) - 1
               FROM (SELECT previous, entry_ids FROM ledger.checkpoint
                      WHERE (last_era, last_xid, last_id) >= (e.era, e.xid, e.id)
                      ORDER BY last_era, last_xid, last_id LIMIT 1) AS round) AS index
       FROM ledger.entry e WHERE e.id = ANY($1::bigint[])`,
    [entryIds],
  );
  return new Map(rows.flatMap(({ id, index }) => (index === null ? [] : [[id, index] as const])));
}

/** Which entry stands at an index of the log. */
export async function entryAt(sql: Sql, index: number): Promise<number | undefined> {
  if (!Number.isSafeInteger(index) || index < 0) return undefined;
  const [row] = await sql.query<{ readonly id: number }>(
    `SELECT entry_ids[($1::bigint - previous + 1)::int] AS id FROM ledger.checkpoint
      WHERE size > $1::bigint ORDER BY size LIMIT 1`,
    [index],
  );
  return row?.id;
}

/** Of which type the entries at these indexes are; those that the log does not have are left out. */
export async function typesAt(sql: Sql, indexes: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const rows = await sql.query<{ readonly index: number; readonly leaf: Buffer }>(
    `SELECT asked.index, e.leaf FROM unnest($1::bigint[]) AS asked(index)
      CROSS JOIN LATERAL (
        SELECT entry_ids[(asked.index - previous + 1)::int] AS id FROM ledger.checkpoint
         WHERE size > asked.index ORDER BY size LIMIT 1) AS found
      JOIN ledger.entry e ON e.id = found.id`,
    [indexes],
  );
  return new Map(
    rows.flatMap(({ index, leaf }) => {
      const type = parseLeaf(leaf)?.type;
      return type === undefined ? [] : [[index, type] as const];
    }),
  );
}
