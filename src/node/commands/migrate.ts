import { parseArgs } from "node:util";
import { migrate, pendingMigrations } from "#kernel/database/migrations";
import { migrateJobs } from "#kernel/jobs/jobs";
import { text } from "#lib/language/text";
import type { Command } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { onGround } from "../ground.ts";
import { migrationSets } from "../migration-sets.ts";

export const command: Command = {
  name: "migrate",
  usage: "[--dry-run]",
  summary: text("执行尚未执行的数据库迁移", "Apply the database migrations that are missing"),
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { "dry-run": { type: "boolean", default: false } } });
    const configuration = readConfiguration(io.environment, io.folder);
    const sets = await migrationSets();
    return await onGround(configuration, { report: io.report }, async ({ ground, database }) => {
      if (values["dry-run"]) {
        for (const each of await pendingMigrations(database, sets)) io.print(`${each.scope}/${each.file}`);
        return EXIT_CODES.OK;
      }
      const { applied, total } = await migrate(database, sets);
      await migrateJobs(ground.databaseUrl);
      for (const each of applied) io.print(`${each.scope}/${each.file}`);
      io.report(
        text(
          `已执行 ${applied.length} 个迁移，共 ${total} 个`,
          `${applied.length} of ${total} migrations were applied now`,
        ),
      );
      return EXIT_CODES.OK;
    });
  },
};
