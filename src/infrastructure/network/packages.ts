import type { network } from "#infrastructure/network";
import type { Output } from "#kernel/contract/contract";
import type { Sql } from "#kernel/database/sql";
import { instantOf } from "./partners.ts";

type PackageView = Output<(typeof network)["operations"]["findPackage"]["output"]>;
export type Item = PackageView["items"][number];

/** A package that goes out, as its row says. */
export interface Package {
  readonly id: string;
  readonly partner: string;
  readonly node: string;
  readonly purpose: string;
  readonly legalBasis: string;
  readonly state: PackageView["state"];
  readonly madeBy: string;
  readonly madeAt: string;
  readonly manifest: string | null;
  readonly digest: string | null;
  readonly proposedBy: string | null;
  readonly proposal: string | null;
  readonly releasedBy: string | null;
  readonly release: string | null;
  readonly sequence: number | null;
  readonly decisionReason: string | null;
  readonly outcome: PackageView["outcome"] | null;
}

const COLUMNS = `p.id, p.partner, t.node, p.purpose, p.legal_basis AS "legalBasis", p.state, p.made_by AS "madeBy",
  p.made_at AS "madeAt", p.manifest, p.digest, p.proposed_by AS "proposedBy", p.proposal, p.released_by AS "releasedBy", p.release,
  p.sequence, p.decision_reason AS "decisionReason", p.outcome`;
const FROM = "FROM network.ferry_package p JOIN network.ferry_partner t ON t.id = p.partner";

export async function packageById(sql: Sql, id: string, lock = false): Promise<Package | undefined> {
  const [found] = await sql.query<Package>(
    `SELECT ${COLUMNS} ${FROM} WHERE p.id = $1${lock ? " FOR UPDATE OF p" : ""}`,
    [id],
  );
  return found;
}

/** A page of a list. */
export interface Page {
  /** The last of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
  /** Which of them the reader may see. */
  readonly shown: (bind: (value: unknown) => string) => string;
}

/** Newest first. */
export async function packagesAfter(sql: Sql, page: Page): Promise<readonly Package[]> {
  const values: unknown[] = [page.after ?? null, page.limit];
  return await sql.query<Package>(
    `SELECT ${COLUMNS} ${FROM}
     WHERE ($1::uuid IS NULL OR (p.made_at, p.id) < (SELECT made_at, id FROM network.ferry_package WHERE id = $1))
       AND ${page.shown((value) => `$${values.push(value)}`)}
     ORDER BY p.made_at DESC, p.id DESC LIMIT $2`,
    values,
  );
}

export async function itemsOf(sql: Sql, id: string): Promise<readonly Item[]> {
  return (
    await sql.query<ItemRow>(`SELECT ${ITEM_COLUMNS} FROM network.ferry_item WHERE package = $1 ORDER BY place`, [id])
  ).map(itemOf);
}

export const ITEM_COLUMNS = `place, kind, title, classification, media_type AS "mediaType", digest, bytes::float8 AS bytes, target`;
export type ItemRow = Omit<Item, "target"> & { readonly target: Item["target"] | null };

export function itemOf({ target, ...row }: ItemRow): Item {
  return { ...row, ...(target !== null && { target }) };
}

export function packageSummary(packed: Package): Omit<PackageView, "items"> {
  const { id, partner, node, purpose, legalBasis, state, madeBy, digest, proposedBy, releasedBy } = packed;
  const { sequence, decisionReason, outcome } = packed;
  return {
    ...{ id, partner, node, purpose, legalBasis, state, madeBy, madeAt: instantOf(packed.madeAt) },
    ...(digest !== null && { digest }),
    ...(proposedBy !== null && { proposedBy }),
    ...(releasedBy !== null && { releasedBy }),
    ...(sequence !== null && { sequence }),
    ...(decisionReason !== null && { decisionReason }),
    ...(outcome !== null && { outcome }),
  };
}
