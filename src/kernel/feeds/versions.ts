import type { Citation } from "../contract/citation.ts";
import type { Transaction } from "../database/sql.ts";
import type { Micros } from "../registers/instant.ts";
import { legalBasis, readLegalBases } from "../registers/legal-bases.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import { type Place, placeOf, type Value, type VersionRow } from "../registers/version.ts";

/** One version of one entry, as a feed gives it. */
export interface FeedVersion {
  readonly key: string;
  readonly validFrom: Micros;
  readonly validTo: Micros | undefined;
  readonly recordedFrom: Micros;
  readonly authority: string;
  /** Names citations: see {@link citationsOf}. */
  readonly legalBasis: string;
  readonly actId: string;
  readonly division: string;
  /** 16 bytes */
  readonly digest: Buffer;
  readonly value: Value;
}

export interface FeedRow extends VersionRow {
  readonly division: string;
  readonly digest: Buffer;
}

/** @throws ERR_REGISTER_DAMAGED for a version that is not as it was written: it is not passed on */
export function feedVersions({ codec }: RegisterStore, rows: readonly FeedRow[]): readonly FeedVersion[] {
  const places = rows.map(placeOf);
  const values = codec.decodeAll(rows, places);
  return rows.map((row, at) => ({
    ...(places[at] as Place),
    authority: row.authority,
    legalBasis: row.legal_basis.toString("hex"),
    actId: row.act_id,
    division: row.division,
    digest: row.digest,
    value: values[at] as Value,
  }));
}

/** The legal bases that some versions name, each once. */
export async function citationsOf(
  tx: Pick<Transaction, "query" | "execute">,
  store: RegisterStore,
  versions: readonly FeedVersion[],
): Promise<ReadonlyMap<string, readonly Citation[]>> {
  const digests = new Set(versions.map((version) => version.legalBasis));
  await readLegalBases(tx, digests, store.id);
  return new Map([...digests].map((digest) => [digest, legalBasis(digest, store.id)]));
}
