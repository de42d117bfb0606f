import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { isFault } from "#kernel/errors/fault";
import { text } from "#lib/language/text";
import { restoreBackup } from "../backup/restore.ts";
import { type Command, UsageError } from "../command.ts";
import { ensureRegisters } from "../compose.ts";
import { readConfiguration } from "../configuration.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { onGround } from "../ground.ts";
import { migrationSets } from "../migration-sets.ts";
import { noteRefusedRestore } from "../refused-restores.ts";
import { ROOMS } from "../rooms.ts";

const NOT_NOTED = text(
  "本次恢复被拒一事未能记入数据文件夹，不会进入存证日志，请自行记录。",
  "That this restore was refused could not be noted in the data folder and will not enter the ledger: keep a note of it yourself.",
);

export const command: Command = {
  name: "restore",
  usage: "[--checkpoint FILE]… [--period-keys FILE] FOLDER",
  summary: text(
    "把备份恢复到空的数据目录和数据库，并与检查点核对",
    "Restore a backup into an empty data folder and database, checked against checkpoints",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        checkpoint: { type: "string", multiple: true, default: [] },
        "period-keys": { type: "string" },
      },
    });
    const [folder, ...surplus] = positionals;
    if (folder === undefined || surplus.length > 0) {
      throw new UsageError(text("请给出备份所在目录", "Name the folder of the backup"));
    }
    const checkpoints = await Promise.all(values.checkpoint.map((file) => readFile(resolve(io.folder, file), "utf8")));
    const configuration = readConfiguration(io.environment, io.folder);
    const sets = await migrationSets();
    return await onGround(configuration, { report: io.report }, async ({ ground: { dataFolder }, database }) => {
      const backup = resolve(io.folder, folder);
      const file = values["period-keys"];
      const restored = restoreBackup({
        ...{ database, dataFolder, backup, checkpoints, now: new Date().toISOString() },
        periodKeys: file === undefined ? undefined : resolve(io.folder, file),
        migrationSets: sets,
        makeRegisters: (empty) => ensureRegisters(empty, ROOMS),
        report: io.report,
      });
      const { tables, createdAt } = await restored.catch(async (error: unknown) => {
        const refused = isFault(error) && /^ERR_BACKUP_/.test(error.code);
        const refusal = { at: new Date().toISOString(), code: refused ? error.code : "" };
        // Why the backup was refused is said whatever becomes of the note.
        if (refused) await noteRefusedRestore(dataFolder.path, refusal).catch(() => io.report(NOT_NOTED));
        throw error;
      });
      const rows = tables.reduce((sum, table) => sum + table.rows, 0);
      io.report(
        text(`已恢复 ${createdAt} 的备份，共 ${rows} 行`, `The backup of ${createdAt} was restored: ${rows} rows`),
      );
      return EXIT_CODES.OK;
    });
  },
};
