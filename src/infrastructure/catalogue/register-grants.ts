import type { Database, Sql } from "#kernel/database/sql";
import type { LedgerSubject } from "#kernel/ledger/entry";
import type { RegisterGrant, RegisterGrantProblem, RegisterGrants } from "#kernel/ports";
import { entryInForce } from "./entries.ts";
import { GRANT_IN_FORCE } from "./machines.ts";
import { givenBy } from "./policies.ts";
import { standingOf } from "./standing.ts";
import { systemOf } from "./systems.ts";
import { beginUse } from "./use-records.ts";

/** Grants that are shown to wait for something. */
const AWAITED_MAX = 100;

/** What grants of the catalogue let other nodes have of this one's registers. */
export function registerGrants(database: Database, digest: (subject: LedgerSubject) => Uint8Array): RegisterGrants {
  return {
    standing: (asked) => standing(database, asked),
    take: ({ grant, operation, amount, act, node }) =>
      beginUse(database, digest, {
        ...{ grant, operation, amount, at: act.at, act: act.id, caseId: act.caseId },
        ...{ system: `node:${node}`, purpose: act.purpose ?? "none" },
      }),
    inForce: (at) => inForce(database, at),
  };
}

async function standing(
  sql: Sql,
  asked: Parameters<RegisterGrants["standing"]>[0],
): Promise<RegisterGrant | RegisterGrantProblem> {
  const { grant: number, register, node, purpose, at } = asked;
  const found = await standingOf(sql, number, at);
  const isTheirs =
    found?.resource === register && found.systems.includes(`node:${node}`) && found.purposes.includes(purpose);
  // Whose grant it is not is told no more of it than that there is none.
  if (!isTheirs) return "no-grant";
  if (found.state === "ended") return "grant-ended";
  if (found.state === "expired" || Date.parse(found.until) <= Date.parse(at)) return "grant-expired";
  if (!found.open) return GRANT_IN_FORCE.includes(found.state) ? "no-grant" : "grant-suspended";
  const entry = await entryInForce(sql, register);
  const given = entry ? givenBy(found, entry.description.attributes) : new Set(found.attributes);
  // What the copy holds would otherwise stay there in part, though by law it is not shared any more.
  if (given.size < new Set(found.attributes).size) return "grant-not-shared";
  const { purposes, law, article, until } = found;
  return {
    ...{ grant: number, attributes: [...given], purposes, until, basis: { law: { zh: law, en: law }, article } },
    left: Math.max(0, Math.min(found.perDay - found.usedToday, found.total - found.used)),
  };
}

/** Grants in force by which nodes may have registers, oldest first. */
async function inForce(sql: Sql, at: string) {
  const rows = await sql.query<{ grant: number; register: string; systems: readonly string[] }>(
    `SELECT m.number AS grant, m.resource AS register, q.systems
       FROM catalogue.quota q JOIN catalogue.matter m ON m.number = q.grant_number
      WHERE q.open AND q.begins_at <= $1 AND $1 < q.ends_at AND 'register-keeping' = ANY (q.purposes)
        AND EXISTS (SELECT FROM unnest(q.systems) AS s WHERE starts_with(s, 'node:'))
      ORDER BY m.number LIMIT $2`,
    [at, AWAITED_MAX],
  );
  return rows.flatMap(({ grant, register, systems }) =>
    systems.flatMap((written) => {
      const system = systemOf(written);
      return system?.kind === "node" ? [{ grant, register, node: system.node }] : [];
    }),
  );
}
