import { Buffer } from "node:buffer";
import { civilDay } from "#lib/calendar/civil-day";
import { lastDay } from "#lib/calendar/statutory-period";
import type { PartyRules } from "../contract/contract.ts";
import type { Sql } from "../database/sql.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import type { ServiceRef } from "./application.ts";
import { isRepresented, isWithinPower } from "./own-application.ts";

/** Interested parties of one case; a house has more neighbours than a decision can hear one by one. */
export const MAX_PARTIES = 50;

/** Who an interested party is, and how the case touches them: kept sealed. */
export interface PartyContent {
  readonly name: string;
  /** Where a notice is handed over or sent. */
  readonly address: string;
  /** How their weighty interest is touched, in the words of whoever named them. */
  readonly interest: string;
}

/** Someone else whose weighty interest a case touches (利害关系人, 行政许可法 §36, §47). */
export interface Party extends PartyContent {
  readonly id: string;
  readonly caseId: string;
  readonly kind: "person" | "organization";
  /** In the registers, with the person who is written to; undefined where nobody is registered. */
  readonly registered: { readonly id: string; readonly personId: string } | undefined;
  readonly namedAt: string;
  /** Whether the notice of their rights is on its way or has reached them. */
  readonly noticed: boolean;
  /** The day on which it reached them, ISO 8601. */
  readonly toldOn: string | undefined;
  /** The message by which they answered it. */
  readonly answer: string | undefined;
  readonly answeredAt: string | undefined;
}

interface PartyRow {
  readonly id: string;
  readonly case_id: string;
  readonly kind: Party["kind"];
  readonly subject_id: string | null;
  readonly person_id: string | null;
  readonly content: Buffer;
  readonly named_at: string;
  readonly noticed: boolean;
  readonly told_on: string | null;
  readonly answer: string | null;
  readonly answered_at: string | null;
}

const SELECT = `SELECT p.id, p.case_id, p.kind, p.subject_id, p.person_id, p.content, p.named_at, p.told_on::text AS told_on, p.answer,
    p.answered_at, EXISTS (SELECT FROM service.notice n WHERE n.party_id = p.id) AS noticed
  FROM service.party p`;
const ORDER = "ORDER BY p.named_at, p.id";

/** The interested parties of a case, in the order in which they were named. */
export async function partiesOf(kernel: Kernel, sql: Sql, caseId: string): Promise<readonly Party[]> {
  const rows = await sql.query<PartyRow>(`${SELECT} WHERE p.case_id = $1 ${ORDER}`, [caseId]);
  return rows.map((row) => opened(kernel, row));
}

export async function readParty(kernel: Kernel, sql: Sql, id: string): Promise<Party | undefined> {
  const [row] = await sql.query<PartyRow>(`${SELECT} WHERE p.id = $1`, [id]);
  return row && opened(kernel, row);
}

/** As whom a person, or the one for whom they act, is an interested party, newest first. */
export async function partiesFor(
  kernel: Kernel,
  holder: { readonly personId: string; readonly representedId?: string | undefined; readonly limit: number },
): Promise<readonly Party[]> {
  const rows = await kernel.database.query<PartyRow>(
    `${SELECT} WHERE p.person_id = $1 OR p.subject_id = $2 ORDER BY p.named_at DESC, p.id LIMIT $3`,
    [holder.personId, holder.representedId ?? holder.personId, holder.limit],
  );
  return rows.map((row) => opened(kernel, row));
}

function opened(kernel: Kernel, row: PartyRow): Party {
  const content = Buffer.from(kernel.vault.open("party", row.content, row.id)).toString("utf8");
  return {
    ...(JSON.parse(content) as PartyContent),
    id: row.id,
    caseId: row.case_id,
    kind: row.kind,
    registered:
      row.subject_id === null || row.person_id === null ? undefined : { id: row.subject_id, personId: row.person_id },
    namedAt: row.named_at,
    noticed: row.noticed,
    toldOn: row.told_on ?? undefined,
    answer: row.answer ?? undefined,
    answeredAt: row.answered_at ?? undefined,
  };
}

export function sealParty(kernel: Kernel, id: string, { name, address, interest }: PartyContent): Uint8Array {
  return kernel.vault.seal("party", Buffer.from(JSON.stringify({ name, address, interest })), id);
}

/** The last day on which a party may answer, ISO 8601; undefined until they are told. */
export function answerBy({ toldOn }: Pick<Party, "toldOn">, rules: PartyRules): string | undefined {
  if (toldOn === undefined) return undefined;
  const period = { unit: "working-day", amount: rules.answerDays, article: rules.article } as const;
  return lastDay(Temporal.PlainDate.from(toldOn), period).day.toString();
}

/** Told, not answered, and still in the period in which they may. */
export function isAwaited(party: Party, rules: PartyRules, at: string): boolean {
  const last = answerBy(party, rules);
  return last !== undefined && party.answer === undefined && civilDay(Temporal.Instant.from(at)).toString() <= last;
}

/** How a case stands with its interested parties, for the rules of its steps. */
export interface PartyStanding {
  /** Named, and not told of their rights yet. */
  readonly partiesUntold: number;
  /** Told, and neither answered nor over their time. */
  readonly partiesAwaited: number;
}

export function partyStanding(parties: readonly Party[], rules: PartyRules | undefined, at: string): PartyStanding {
  return {
    partiesUntold: parties.filter(({ toldOn }) => toldOn === undefined).length,
    partiesAwaited: rules ? parties.filter((party) => isAwaited(party, rules, at)).length : 0,
  };
}

/** Whether a case concerns the acting person as an interested party, or the one for whom they act in cases of this item. */
export function isOwnParty(act: Act, { kind, registered }: Party, item: ServiceRef): boolean {
  const { principal } = act;
  if (principal.kind !== "person" || !registered) return false;
  if (registered.personId === principal.id) return true;
  return isRepresented(act, { kind, id: registered.id }) && isWithinPower(act, item);
}

/** Whether a person acts, here and now, for an interested party. */
export function actsForParty(act: Act, { kind, registered }: Party, item: ServiceRef): boolean {
  const { principal, onBehalfOf } = act;
  if (principal.kind !== "person" || !registered) return false;
  if (onBehalfOf === undefined) return kind === "person" && registered.id === principal.id;
  return isRepresented(act, { kind, id: registered.id }) && isWithinPower(act, item);
}
