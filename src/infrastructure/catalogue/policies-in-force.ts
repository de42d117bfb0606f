import type { PoliciesFrom } from "#kernel/access/live-access";
import { keepLooking } from "#kernel/database/keep-looking";
import type { Database, Sql } from "#kernel/database/sql";
import { entriesInForce } from "./entries.ts";
import { rememberParts } from "./given-parts.ts";
import { type GrantRule, type SharedResource, type SharingGround, sharingPolicies } from "./policies.ts";
import { cataloguePorts } from "./ports.ts";
import { grantRules } from "./quotas.ts";

/** Whose policies these are, to the access that decides by them. */
export const CATALOGUE_POLICIES = "catalogue";
const CHANGED_CHANNEL = "zhengtong_catalogue";
/** A notification that was lost is made up for within this. */
const LOOK_AGAIN_MS = 30_000;
/** Changes that are compiled ahead, one a day at most: each is a whole set of policies, and there may be as many as there are grants. */
export const CHANGES_AHEAD = 4;
/** What is in force now holds for acts that began a moment ago as well: nothing was open before it was said to be closed. */
const FROM_EVER = "1970-01-01T00:00:00.000Z";

/** Processes that share the database look again, once what this transaction wrote is committed. */
export async function announceChange(sql: Sql): Promise<void> {
  await sql.query("SELECT pg_notify($1, '')", [CHANGED_CHANNEL]);
}

/**
 * Has the node decide by what the catalogue says now: entries and grants in force, and the ends of grants that will come.
 * @param now ISO 8601
 */
export async function putInForce(database: Database, now: string): Promise<void> {
  const { access, ...ports } = cataloguePorts(database);
  const ground: SharingGround = { ...ports, rooms: ports.contracts.map(({ id }) => id) };
  const entries = (await entriesInForce(database)).map(({ resource, description }) => ({
    resource,
    attributes: description.attributes,
  }));
  // First what is cut out of answers, then who may have some: a service that was just opened gives no more than it says.
  rememberParts(database, ground, entries);
  await access.replace(database, CATALOGUE_POLICIES, versionsOf(ground, entries, await grantRules(database, now), now));
}

/** What is in force now, and from each of the next {@link CHANGES_AHEAD} instants at which a grant begins or ends. */
export function versionsOf(
  ground: SharingGround,
  entries: readonly SharedResource[],
  grants: readonly GrantRule[],
  now: string,
): readonly PoliciesFrom[] {
  if (entries.length === 0) return [];
  const nowMs = Date.parse(now);
  const changes = grants.flatMap(({ from, until }) => [Date.parse(from), Date.parse(until)]);
  const later = [...new Set(changes.filter((atMs) => atMs > nowMs))]
    .sort((one, other) => one - other)
    .slice(0, CHANGES_AHEAD);
  const at = (atMs: number) =>
    sharingPolicies(
      ground,
      entries,
      grants.filter(({ from, until }) => Date.parse(from) <= atMs && atMs < Date.parse(until)),
    );
  return [
    { from: FROM_EVER, policies: at(nowMs) },
    ...later.map((atMs) => ({ from: new Date(atMs).toISOString(), policies: at(atMs) })),
  ];
}

/**
 * Keeps a process up to date with what any process on the same database decides. Gives what stops it.
 * @param onFault a look that failed; what was in force stays so until the next
 */
export async function watchCatalogue(options: {
  readonly database: Database;
  readonly now: () => string;
  readonly onFault: (fault: unknown) => void;
}): Promise<() => Promise<void>> {
  const { database, now, onFault } = options;
  const look = () => putInForce(database, now());
  return keepLooking({ database, channel: CHANGED_CHANNEL, everyMs: LOOK_AGAIN_MS, look, onFault });
}
