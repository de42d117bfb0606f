import type { Transaction } from "../database/sql.ts";
import type { StoredFile } from "../files/file.ts";
import type { FileStore } from "../files/file-store.ts";
import type { Act } from "./act.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** The file store as one act sees it: what it puts there is noted, and named when the act commits. */
export function notingFiles(files: FileStore, unit: UnitOfWork): Pick<FileStore, "put" | "read"> {
  return {
    read: (digest) => files.read(digest),
    async put(bytes, about): Promise<StoredFile> {
      const stored = await files.put(bytes, about);
      unit.keep(stored.digest);
      return stored;
    },
  };
}

/** Says with the act that a room keeps files; whatever nothing names is swept. */
export async function nameFiles(
  transaction: Transaction,
  kept: { readonly act: Act; readonly room: string; readonly digests: readonly string[] },
): Promise<void> {
  if (kept.digests.length === 0) return;
  await transaction.query(
    `INSERT INTO act.file (digest, room, case_id, at) SELECT digest, $2, $3, $4 FROM unnest($1::text[]) AS d (digest)
     ON CONFLICT DO NOTHING`,
    [kept.digests, kept.room, kept.act.caseId ?? null, kept.act.at],
  );
}
