import type { SqlStatement } from "../database/sql.ts";
import type { StoredFile } from "../files/file.ts";
import type { FileStore } from "../files/file-store.ts";
import type { Act } from "./act.ts";
import type { FileHandle } from "./context.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** The file store as one act sees it: what it puts there is noted, and named when the act commits. */
export function notingFiles(files: FileStore, unit: UnitOfWork): FileHandle {
  return {
    read: (digest) => files.read(digest),
    async put(bytes, about): Promise<StoredFile> {
      const stored = await files.put(bytes, about);
      if (about.sealOf === undefined) unit.keep(stored.digest);
      else unit.keepSeal({ document: about.sealOf, seal: stored.digest });
      return stored;
    },
  };
}

/** What says with the act that a room keeps files, to be sent with it; whatever nothing names is swept. */
export function namingFiles(kept: {
  readonly act: Act;
  readonly room: string;
  readonly digests: readonly string[];
}): readonly SqlStatement[] {
  if (kept.digests.length === 0) return [];
  return [
    {
      text: `INSERT INTO act.file (digest, room, case_id, at) SELECT digest, $2, $3, $4 FROM unnest($1::text[]) AS d (digest)
        ON CONFLICT DO NOTHING`,
      values: [kept.digests, kept.room, kept.act.caseId ?? null, kept.act.at],
    },
  ];
}
