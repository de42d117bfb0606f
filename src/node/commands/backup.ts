import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { text } from "#lib/language/text";
import { createBackup } from "../backup/create.ts";
import { type Command, UsageError } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { onGround } from "../ground.ts";

export const command: Command = {
  name: "backup",
  usage: "[--period-keys FILE] FOLDER",
  summary: text(
    "把数据库、文件和密钥备份到一个新目录，可在运行时进行",
    "Back up database, files and keys into a new folder, also while the node runs",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { "period-keys": { type: "string" } },
    });
    const [folder, ...surplus] = positionals;
    if (folder === undefined || surplus.length > 0) {
      throw new UsageError(text("请给出一个尚不存在的目录", "Name one folder that does not exist yet"));
    }
    const target = resolve(io.folder, folder);
    const configuration = readConfiguration(io.environment, io.folder);
    const options = { report: io.report, besideRunningNode: true, existingNode: true };
    return await onGround(configuration, options, async ({ ground: { dataFolder }, database }) => {
      const now = new Date().toISOString();
      const file = values["period-keys"];
      const periodKeys = file === undefined ? undefined : resolve(io.folder, file);
      const manifest = await createBackup({ database, dataFolder, target, periodKeys, now, report: io.report });
      io.report(text("备份含密钥，请妥善保管。", "The backup holds keys: keep it safe."));
      io.print(target);
      if (manifest.checkpoint !== null) io.stderr.write(manifest.checkpoint);
      return EXIT_CODES.OK;
    });
  },
};
