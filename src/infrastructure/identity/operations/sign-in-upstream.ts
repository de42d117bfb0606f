import { isRefusal } from "#kernel/contract/refusal";
import type { Sql } from "#kernel/database/sql";
import { randomOpaqueUuid } from "#kernel/random";
import { findHolder } from "../holders.ts";
import { implement, type Registers, type Rooms } from "../implement.ts";
import { openSession } from "../sessions.ts";

/**
 * Who comes back from another identity platform is the one person of the register whose name and identity number it says, and no
 * other: an address or a telephone number, which move from one to another, link nobody. A subject that was linked stays that person's: where
 * the platform says another number of it by then, nobody is signed in.
 */
export const signInUpstream = implement("signInUpstream", async (ctx, given) => {
  const { issuer, subject, level, provenAt, address, agent } = given;
  const linked = await linkOf(ctx.tables.read(), issuer, subject);
  const named = await personNamed(ctx.rooms, given);
  if (given.identityNumber === undefined ? linked === undefined : named === undefined) return { outcome: "unknown" };
  const person = linked ?? named;
  if (person === undefined || (named !== undefined && named !== person)) return { outcome: "unknown" };
  const holder = await findHolder(ctx.rooms, "person", person);
  const account = await accountOf(ctx.registers, person);
  if (!holder || account === "closed") return { outcome: "unknown" };
  const sql = await ctx.tables.write();
  if (linked === undefined && !(await link(sql, { issuer, subject, person, at: ctx.now })))
    return { outcome: "unknown" };
  // Whoever never had a password here has an account without one; its name is nobody's and opens nothing.
  const signInName = `upstream-${randomOpaqueUuid()}`;
  const key =
    account ??
    (await ctx.registers.account.put({ signInName, holderKind: "person", holder: person, status: "active" }));
  const proven = provenAt === undefined || provenAt > ctx.now ? undefined : provenAt;
  const opened = await openSession(
    sql,
    {
      ...{ account: key, holderKind: "person", holder: person, displayName: holder.name, post: null },
      ...{ assurance: level, address, agent, methods: ["fed"] },
      // Without a time it is known that it was proved, not when: what asks for a fresh proof asks for one here.
      levelAt: level === 1 ? null : (proven ?? null),
    },
    ctx.now,
  );
  ctx.concerns({ kind: "person", id: person, attributes: ["signed-in"] });
  return { outcome: "signed-in", token: opened.token, session: opened.id };
});

async function linkOf(sql: Sql, issuer: string, subject: string): Promise<string | undefined> {
  const [row] = await sql.query<{ person: string }>(
    "SELECT person FROM identity.upstream_link WHERE issuer = $1 AND subject = $2",
    [issuer, subject],
  );
  return row?.person;
}

/** False where the person has another subject there already. */
async function link(
  sql: Sql,
  { issuer, subject, person, at }: Record<"issuer" | "subject" | "person" | "at", string>,
): Promise<boolean> {
  const written = await sql.execute(
    `INSERT INTO identity.upstream_link (issuer, subject, person, linked_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [issuer, subject, person, at],
  );
  return written === 1;
}

async function personNamed(
  rooms: Rooms,
  { name, identityNumber }: { readonly name?: string | undefined; readonly identityNumber?: string | undefined },
): Promise<string | undefined> {
  if (identityNumber === undefined || name === undefined) return undefined;
  const found = await rooms.population.findByDocument({
    documentKind: "resident-identity",
    documentNumber: identityNumber,
  });
  return isRefusal(found) || found.name !== name ? undefined : found.id;
}

/** The account with which a person signs in here; `closed` where it was closed, which no platform opens again. */
async function accountOf(registers: Registers, person: string): Promise<string | "closed" | undefined> {
  const { items } = await registers.account.find({ holder: person }, { limit: 10 });
  const open = items.find(({ value }) => value.status === "active" && value.holderKind === "person");
  return open?.key ?? (items.length > 0 ? "closed" : undefined);
}
