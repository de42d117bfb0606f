import type { network } from "#infrastructure/network";
import type { Output } from "#kernel/contract/contract";
import type { Sql } from "#kernel/database/sql";
import { ITEM_COLUMNS, type ItemRow, itemOf, type Page } from "./packages.ts";
import { instantOf } from "./partners.ts";

type ArrivalView = Output<(typeof network)["operations"]["findArrival"]["output"]>;

/** A package that came, or one that was refused, as its row says. */
export interface Arrival {
  readonly id: string;
  readonly package: string;
  readonly from: string;
  readonly sequence: number;
  readonly outcome: ArrivalView["outcome"];
  readonly digest: string | null;
  readonly arrivedAt: string;
  readonly receipt: string | null;
  readonly receiptAskedBy: string | null;
  readonly receiptReleasedBy: string | null;
}

const COLUMNS = `id, package, from_node AS "from", sequence::float8 AS sequence, outcome, digest, arrived_at AS "arrivedAt", receipt,
  receipt_asked_by AS "receiptAskedBy", receipt_released_by AS "receiptReleasedBy"`;

export async function arrivalById(sql: Sql, id: string, lock = false): Promise<Arrival | undefined> {
  const [found] = await sql.query<Arrival>(
    `SELECT ${COLUMNS} FROM network.ferry_arrival WHERE id = $1${lock ? " FOR UPDATE" : ""}`,
    [id],
  );
  return found;
}

/** Newest first. */
export async function arrivalsAfter(sql: Sql, page: Page): Promise<readonly Arrival[]> {
  const values: unknown[] = [page.after ?? null, page.limit];
  return await sql.query<Arrival>(
    `SELECT ${COLUMNS} FROM network.ferry_arrival
     WHERE ($1::uuid IS NULL OR (arrived_at, id) < (SELECT arrived_at, id FROM network.ferry_arrival WHERE id = $1))
       AND ${page.shown((value) => `$${values.push(value)}`)}
     ORDER BY arrived_at DESC, id DESC LIMIT $2`,
    values,
  );
}

export async function arrivedItems(sql: Sql, arrival: string): Promise<ArrivalView["items"]> {
  const rows = await sql.query<ItemRow & { readonly outcome: string | null }>(
    `SELECT ${ITEM_COLUMNS}, outcome FROM network.ferry_arrived_item WHERE arrival = $1 ORDER BY place`,
    [arrival],
  );
  return rows.map(({ outcome, ...row }) => ({ ...itemOf(row), ...(outcome !== null && { outcome }) }));
}

export function arrivalSummary(arrival: Arrival): Omit<ArrivalView, "items"> {
  const { id, from, sequence, outcome, digest, receipt, receiptAskedBy, receiptReleasedBy } = arrival;
  return {
    ...{ id, package: arrival.package, from, sequence, outcome, arrivedAt: instantOf(arrival.arrivedAt) },
    ...(digest !== null && { digest }),
    ...(receiptAskedBy !== null && { receiptAskedBy }),
    ...(receiptReleasedBy !== null && { receiptReleasedBy, ...(receipt !== null && { receipt }) }),
  };
}
