import { createZstdCompress } from "node:zlib";
import { LONG_TRANSACTION_TIMEOUT_MS } from "#kernel/database/limits";
import type { Database, Transaction } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import { latestCheckpoint } from "#kernel/ledger/checkpoints";
import { type Text, text } from "#lib/language/text";
import type { DataFolder } from "../data-folder.ts";
import { ArchiveWriter, type BackupManifest, type BackupTable, FORMAT, FORMAT_VERSION } from "./archive.ts";
import { nodeOfCheckpoint, PERIOD_KEY_TABLE, usualPeriodKeys, writePeriodKeys } from "./period-keys.ts";
import { copyTarget, listSequences, listTables, type Table } from "./tables.ts";

const NEWLINE = 0x0a;

export interface BackupRequest {
  readonly database: Database;
  readonly dataFolder: Pick<DataFolder, "files" | "keys">;
  /** A folder that does not exist yet. */
  readonly target: string;
  /** The file of the ledger's period keys, which is replaced; beside the backup where absent. */
  readonly periodKeys?: string | undefined;
  /** ISO 8601. */
  readonly now: string;
  readonly report?: (progress: Text) => void;
}

/**
 * Writes a backup beside a running node: every table as of one moment, then files and keys. A file is on the disk before the
 * transaction that names it, so files copied after that moment hold all that the tables name.
 * @throws ERR_BACKUP_TARGET, ERR_BACKUP_PERIOD_KEYS
 */
export async function createBackup(request: BackupRequest): Promise<BackupManifest> {
  const archive = await ArchiveWriter.create(request.target);
  try {
    const manifest = await request.database.transaction((tx) => backUpDatabase(tx, archive, request), {
      isolation: "repeatable read",
      readOnly: true,
      timeoutMs: LONG_TRANSACTION_TIMEOUT_MS,
      retries: 0,
    });
    const files = await archive.addFolder("files", request.dataFolder.files);
    await archive.addFolder("keys", request.dataFolder.keys);
    request.report?.(text(`已备份 ${files} 个文件`, `${files} files were backed up`));
    await archive.finish(manifest);
    return manifest;
  } catch (error) {
    await archive.abandon();
    throw error;
  }
}

async function backUpDatabase(
  tx: Transaction,
  archive: ArchiveWriter,
  request: BackupRequest,
): Promise<BackupManifest> {
  const [node] = await tx.query<{ there: boolean }>("SELECT to_regclass('kernel.migration') IS NOT NULL AS there");
  if (node?.there !== true) throw new Fault("ERR_BACKUP_TARGET", { message: "the database holds no node yet" });
  const tables: BackupTable[] = [];
  for (const table of await listTables(tx)) {
    if (`${table.schema}.${table.name}` !== PERIOD_KEY_TABLE) tables.push(await backUpTable(tx, archive, table));
  }
  const checkpoint = await newestCheckpoint(tx);
  await backUpPeriodKeys(tx, request, checkpoint);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  request.report?.(
    text(`已备份 ${tables.length} 张表 ${rows} 行`, `${rows} rows of ${tables.length} tables were backed up`),
  );
  const [server] = await tx.query<{ version: string }>("SELECT current_setting('server_version') AS version");
  return {
    format: FORMAT,
    version: FORMAT_VERSION,
    createdAt: request.now,
    postgres: server?.version ?? "",
    migrations: await tx.query<{ scope: string; number: number; digest: string }>(
      "SELECT scope, number, encode(digest, 'hex') AS digest FROM kernel.migration ORDER BY applied_at, scope, number",
    ),
    tables,
    sequences: await listSequences(tx),
    checkpoint,
  };
}

async function backUpPeriodKeys(tx: Transaction, request: BackupRequest, checkpoint: string | null): Promise<void> {
  const node = nodeOfCheckpoint(checkpoint);
  const path = request.periodKeys ?? usualPeriodKeys(request.target, node);
  const count = await writePeriodKeys(tx, { path, node, now: request.now });
  request.report?.(
    text(
      `存证期间密钥 ${count} 个已写入 ${path}（每次备份都替换；只留这一份）`,
      `${count} keys of periods of the ledger were written to ${path}, which each backup replaces: keep this one copy of it`,
    ),
  );
}

/** One file a table: COPY's text form, in which each row is a line, compressed. */
async function backUpTable(tx: Transaction, archive: ArchiveWriter, table: Table): Promise<BackupTable> {
  const file = `database/${table.schema}.${table.name}.copy.zst`;
  let rows = 0;
  const compressed = createZstdCompress();
  const source = (async () => {
    for await (const chunk of tx.copyTo(`COPY ${copyTarget(table)} TO STDOUT`)) {
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) rows += 1;
      if (!compressed.write(chunk)) await new Promise((resolve) => compressed.once("drain", resolve));
    }
    compressed.end();
  })();
  source.catch((error) => compressed.destroy(error));
  await archive.add(file, compressed);
  await source;
  return { schema: table.schema, name: table.name, columns: table.columns, rows, file };
}

async function newestCheckpoint(tx: Transaction): Promise<string | null> {
  const [ledger] = await tx.query<{ there: boolean }>("SELECT to_regclass('ledger.checkpoint') IS NOT NULL AS there");
  return ledger?.there === true ? ((await latestCheckpoint(tx))?.note ?? null) : null;
}
