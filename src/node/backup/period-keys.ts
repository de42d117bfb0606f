import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Sql, Transaction } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import { hasEnded } from "#kernel/ledger/period";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { parseNote } from "#lib/merkle/note";
import "../faults.ts";

/**
 * The keys of periods of the ledger, in one file beside the backups and never in one of them: with each backup the file is replaced. So an old backup
 * and the file of today open what has not had its time, and nothing else. A key is sealed under each generation of data keys, which the backups hold.
 */
const FORMAT = "zhengtong-period-keys/1";
const MAX_BYTES = 16 * 1024 * 1024;
/** A table whose rows no backup takes with it. */
export const PERIOD_KEY_TABLE = "ledger.period_key";

interface PeriodKey {
  readonly period: string;
  readonly generation: string;
  /** base64 */
  readonly sealed: string;
}

interface PeriodKeyFile {
  readonly format: typeof FORMAT;
  /** By the key of its log. */
  readonly node: string;
  readonly writtenAt: string;
  readonly keys: readonly PeriodKey[];
}

/** By what a node's file is told from another's: the key hash of its log's signature. */
export function nodeOfCheckpoint(checkpoint: string | null): string {
  const signature = parseNote(checkpoint ?? "")?.signatures[0];
  return signature === undefined ? "new" : Buffer.from(signature.keyId).toString("hex");
}

/** Where it lies unless somebody says otherwise: beside the backup. */
export function usualPeriodKeys(backup: string, node: string): string {
  return join(dirname(backup), `period-keys-${node}.json`);
}

/**
 * Replaces the file with the keys of now. One that it has, and that the node has not though its time is not over, stays: the node may have been
 * restored without it.
 * @throws ERR_BACKUP_PERIOD_KEYS where the file is another node's
 */
export async function writePeriodKeys(
  sql: Sql,
  to: { readonly path: string; readonly node: string; readonly now: string },
): Promise<number> {
  const { path, node, now } = to;
  const [table] = await sql.query<{ there: boolean }>(`SELECT to_regclass('${PERIOD_KEY_TABLE}') IS NOT NULL AS there`);
  if (table?.there !== true) return 0;
  const rows = await sql.query<{ period: string; generation: string; sealed: Buffer }>(
    "SELECT period, generation, sealed FROM ledger.period_key ORDER BY period, generation",
  );
  const own = rows.map(({ sealed, ...row }): PeriodKey => ({ ...row, sealed: toBase64(sealed) }));
  const before = await readPeriodKeys(path);
  if (before !== undefined && before.node !== node && before.node !== NO_LOG_YET) {
    throw new Fault("ERR_BACKUP_PERIOD_KEYS", { message: `${path} has the keys of another node` });
  }
  const known = new Set(own.map(({ period }) => period));
  const further = (before?.keys ?? []).filter(({ period }) => !known.has(period) && !hasEnded(period, now));
  const keys = [...own, ...further];
  const file: PeriodKeyFile = { format: FORMAT, node, writtenAt: now, keys };
  await replace(path, `${JSON.stringify(file, undefined, 1)}\n`);
  return new Set(keys.map(({ period }) => period)).size;
}

const NO_LOG_YET = "new";

/** What was there is overwritten before it goes, as far as the disk lets that mean something. */
async function replace(path: string, text: string): Promise<void> {
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  const written = await open(partial, "wx", 0o600);
  try {
    await written.writeFile(text);
    await written.sync();
  } finally {
    await written.close();
  }
  const old = await open(path, "r+").catch(() => undefined);
  if (old !== undefined) {
    const { size } = await old.stat();
    await old.write(Buffer.alloc(Math.min(size, MAX_BYTES)), 0, undefined, 0);
    await old.sync();
    await old.close();
  }
  await rename(partial, path);
}

/**
 * Puts the keys back whose time is not over.
 * @returns undefined where there is no such file
 * @throws ERR_BACKUP_DAMAGED, and ERR_BACKUP_PERIOD_KEYS where it is another node's
 */
export async function restorePeriodKeys(
  tx: Transaction,
  from: { readonly path: string; readonly node: string; readonly now: string },
): Promise<{ readonly restored: number; readonly ended: number } | undefined> {
  const file = await readPeriodKeys(from.path);
  if (file === undefined) return undefined;
  if (file.node !== from.node && file.node !== NO_LOG_YET && from.node !== NO_LOG_YET) {
    throw new Fault("ERR_BACKUP_PERIOD_KEYS", { message: `${from.path} has the keys of another node` });
  }
  const living = file.keys.filter(({ period }) => !hasEnded(period, from.now));
  await tx.execute(
    `INSERT INTO ledger.period_key (period, generation, sealed)
     SELECT period, generation, decode(sealed, 'base64') FROM unnest($1::text[], $2::text[], $3::text[]) AS k (period, generation, sealed)
     ON CONFLICT DO NOTHING`,
    [
      living.map(({ period }) => period),
      living.map(({ generation }) => generation),
      living.map(({ sealed }) => sealed),
    ],
  );
  const count = (keys: readonly PeriodKey[]) => new Set(keys.map(({ period }) => period)).size;
  return { restored: count(living), ended: count(file.keys) - count(living) };
}

async function readPeriodKeys(path: string): Promise<PeriodKeyFile | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  try {
    if (bytes.length > MAX_BYTES) throw new RangeError("it is too long");
    const file = JSON.parse(bytes.toString("utf8")) as PeriodKeyFile;
    const isWhole =
      file.format === FORMAT &&
      typeof file.node === "string" &&
      Array.isArray(file.keys) &&
      file.keys.every(({ period, generation, sealed }) => {
        return (
          [period, generation, sealed].every((each) => typeof each === "string") && fromBase64(sealed) !== undefined
        );
      });
    if (!isWhole) throw new TypeError("it is not such a file");
    return file;
  } catch (cause) {
    throw new Fault("ERR_BACKUP_DAMAGED", { message: path, cause });
  }
}
