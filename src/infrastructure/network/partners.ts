import type { network } from "#infrastructure/network";
import type { Output } from "#kernel/contract/contract";
import type { Sql } from "#kernel/database/sql";
import { assert } from "#kernel/errors/fault";
import type { Zone } from "#kernel/system/act";
import { type Card, readCard } from "./card.ts";

type PartnerView = Output<(typeof network)["operations"]["listPartners"]["output"]>["items"][number];

/** A node on the other side, as its row says. */
export interface Partner {
  readonly id: string;
  readonly card: Card;
  readonly outward: boolean;
  readonly reason: string;
  readonly state: PartnerView["state"];
  readonly proposedBy: string;
  readonly proposedAt: string;
  readonly decidedBy: string | null;
  /** Number and manifest digest of the last package that was released to it, and that was accepted from it. */
  readonly sent: number;
  readonly sentDigest: string | null;
  readonly received: number;
  readonly receivedDigest: string | null;
}

const COLUMNS = `id, zone, card::text AS card, outward, reason, state, proposed_by AS "proposedBy", proposed_at AS "proposedAt",
  decided_by AS "decidedBy", sent, sent_digest AS "sentDigest", received::int8 AS received, received_digest AS "receivedDigest"`;

type Row = Omit<Partner, "card" | "received"> & {
  readonly zone: Zone;
  readonly card: string;
  readonly received: number | string;
};

function partnerOf(row: Row): Partner {
  const card = readCard(row.card);
  assert(card, `the card of ${row.id} was read before it was kept`);
  return { ...row, card, received: Number(row.received) };
}

/** @param lock keeps others from counting its packages meanwhile */
export async function partnerById(sql: Sql, id: string, lock = false): Promise<Partner | undefined> {
  const [row] = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM network.ferry_partner WHERE id = $1${lock ? " FOR UPDATE" : ""}`,
    [id],
  );
  return row && partnerOf(row);
}

export async function confirmedPartner(sql: Sql, node: string, lock = false): Promise<Partner | undefined> {
  const [row] = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM network.ferry_partner WHERE node = $1 AND state = 'confirmed'${lock ? " FOR UPDATE" : ""}`,
    [node],
  );
  return row && partnerOf(row);
}

const PARTNERS_MAX = 500;

export async function allPartners(sql: Sql): Promise<readonly Partner[]> {
  const rows = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM network.ferry_partner ORDER BY proposed_at DESC, id LIMIT ${PARTNERS_MAX}`,
  );
  return rows.map(partnerOf);
}

export function partnerView(partner: Partner): PartnerView {
  const { id, card, outward, reason, state, proposedBy, proposedAt, decidedBy, sent, received } = partner;
  return {
    ...{ id, node: card.node, name: card.name, zone: card.zone, fingerprint: card.fingerprint, outward, reason, state },
    ...{ proposedBy, proposedAt: instantOf(proposedAt), sent, received, ...(decidedBy !== null && { decidedBy }) },
  };
}

/** As the database writes an instant, in ISO 8601. */
export function instantOf(written: string): string {
  return Temporal.Instant.from(written).toString();
}
