import type { Sql } from "#kernel/database/sql";
import type { Matter } from "./matters.ts";

/** What a correction is about, as it was filed. */
export interface CorrectionContent {
  readonly attributes: readonly string[];
  readonly subject?: { readonly kind: "person" | "organization"; readonly id: string };
}

/**
 * Tells every earlier consumer of what was corrected, as the records of use know them: of a subject, those whose answers spoke of
 * him, or of more than a record names; else all. Gives how many grants were told.
 * @param digests of the subject, as records of use name it
 */
export async function tellConsumers(
  sql: Sql,
  correction: Matter,
  about: { readonly digests: readonly Uint8Array[] | undefined; readonly at: string },
): Promise<number> {
  const { attributes } = correction.content as CorrectionContent;
  return await sql.execute(
    `INSERT INTO catalogue.notice (correction, grant_number, consumer, told_at)
     SELECT $1, m.number, m.consumer, $4 FROM catalogue.matter m
     WHERE m.kind = 'grant' AND m.resource = $2 AND m.provider = $3
       AND EXISTS (SELECT FROM jsonb_array_elements_text(m.content -> 'attributes') AS a (name) WHERE a.name = ANY($5::text[]))
       AND EXISTS (SELECT FROM catalogue.use u WHERE u.grant_number = m.number AND coalesce(u.outcome, 'answered') = 'answered'
         AND ($6::bytea[] IS NULL OR u.subjects IS NULL OR u.subjects && $6::bytea[]))
     ON CONFLICT DO NOTHING`,
    [
      correction.number,
      correction.resource,
      correction.provider,
      about.at,
      attributes,
      about.digests?.map((each) => Buffer.from(each)) ?? null,
    ],
  );
}
