/** Which seal lies beside which document: both are files of the store, and are kept as long as each other. */
import type { Sql, SqlStatement } from "../database/sql.ts";
import type { Kernel } from "./kernel.ts";

export interface SealBeside {
  /** Digest of the document. */
  readonly document: string;
  /** Digest of its seal. */
  readonly seal: string;
}

/** Says with an act that documents have seals beside them. A document that is made again by another process keeps the first one's. */
export function namingSeals(seals: readonly SealBeside[], at: string): readonly SqlStatement[] {
  if (seals.length === 0) return [];
  return [
    {
      text: `INSERT INTO act.detached_seal (document, seal, at) SELECT document, seal, $3
        FROM unnest($1::text[], $2::text[]) AS s (document, seal) ON CONFLICT DO NOTHING`,
      values: [seals.map(({ document }) => document), seals.map(({ seal }) => seal), at],
    },
  ];
}

/** The digests of the seals beside documents, by the documents' digests; those that have none are left out. */
export async function sealsBeside(sql: Sql, documents: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await sql.query<SealBeside>(
    "SELECT document, seal FROM act.detached_seal WHERE document = ANY($1::text[])",
    [documents],
  );
  return new Map(rows.map(({ document, seal }) => [document, seal]));
}

/** The seal beside a document; undefined where there is none. */
export async function readSealBeside(
  { database, files }: Pick<Kernel, "database" | "files">,
  document: string,
): Promise<Uint8Array | undefined> {
  const seal = (await sealsBeside(database, [document])).get(document);
  return seal === undefined ? undefined : await files.read(seal);
}
