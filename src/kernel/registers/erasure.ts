import type { Register } from "../contract/contract.ts";
import type { Database } from "../database/sql.ts";
import { namesOf } from "./definition.ts";
import { shapeOf } from "./shape.ts";

/** Versions that one transaction erases. */
const BATCH_VERSIONS = 500;

/**
 * Erases the versions of a register whose retention ended: those that were superseded, and those whose valid time ended, so many
 * years before `now`. What is true now stays, however old it is.
 * @param about.now ISO 8601 UTC
 * @returns how many
 */
export async function eraseOldVersions(
  database: Database,
  about: { readonly room: string; readonly name: string; readonly declaration: Register; readonly now: string },
): Promise<number> {
  const { room, name, declaration, now } = about;
  if (declaration.retention === "permanent") return 0;
  const { years } = declaration.retention;
  const before = Temporal.Instant.from(now).toZonedDateTimeISO("UTC").subtract({ years }).toInstant().toString();
  const { superseded, ended } = namesOf(shapeOf(room, name, declaration));
  const known = await eraseBatches(database, `${superseded} WHERE upper(recorded) < $1`, { table: superseded, before });
  return known + (await eraseBatches(database, `${ended} WHERE upper(valid) < $1`, { table: ended, before }));
}

async function eraseBatches(
  database: Database,
  old: string,
  { table, before }: { readonly table: string; readonly before: string },
): Promise<number> {
  for (let erased = 0; ; ) {
    const batch = await database.transaction(async (transaction) => {
      await transaction.query("SELECT set_config('register.erasing', 'on', true)");
      return transaction.execute(`DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${old} LIMIT $2))`, [
        before,
        BATCH_VERSIONS,
      ]);
    });
    erased += batch;
    if (batch < BATCH_VERSIONS) return erased;
  }
}
