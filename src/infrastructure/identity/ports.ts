import type { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import type { Sql } from "#kernel/database/sql";
import type { Principals, Session } from "#kernel/ports";
import type { PostRef, Representation } from "#kernel/system/act";
import type { Front } from "#kernel/system/context";
import { ExpiringCache } from "#kernel/system/expiring-cache";
import type { legalEntities } from "#resources/legal-entities";
import type { identity } from "./contract.ts";
import { findSession, provenAtOf, type SessionRow, sessionOfToken, touchSession } from "./sessions.ts";

/** An appointment, a leave or an authorization that ends takes effect for who is signed in after this long at the latest. */
export const RIGHTS_LIFE_MS = 5_000;
const RIGHTS_MAX = 10_000;

/** Longer for other persons: each look is on the record of whom it concerns. */
export const POWER_LIFE_MS = 60_000;

interface Needs {
  readonly sql: Sql;
  /** The rooms that know the rights, asked as the node. */
  readonly directory: Pick<Front<typeof directory>, "postsOf">;
  readonly legalEntities: Pick<Front<typeof legalEntities>, "representation">;
  readonly identity: Pick<Front<typeof identity>, "powerOver">;
}

/** Who is signed in, also by the session's id: a session that was left unused ends all the same. */
export interface IdentityPrincipals extends Principals {
  sessionById(id: string, at: string): Promise<(Session & Pick<SessionRow, "openedAt" | "methods">) | undefined>;
}

/** The kernel's port `Principals`, kept by this room: one look into one index, and rights that are a few seconds old at most. */
export function identityPrincipals(needs: Needs): IdentityPrincipals {
  const posts = new ExpiringCache<readonly PostRef[]>({ lifeMs: RIGHTS_LIFE_MS, sizeMax: RIGHTS_MAX });
  const persons = new ExpiringCache<Representation | undefined>({ lifeMs: POWER_LIFE_MS, sizeMax: RIGHTS_MAX });
  const powers = new ExpiringCache<Representation | undefined>({ lifeMs: RIGHTS_LIFE_MS, sizeMax: RIGHTS_MAX });

  async function official(row: SessionRow, atMs: number): Promise<Session | undefined> {
    const held = await posts.get(row.holder, atMs, () => heldPosts(needs, row.holder));
    const post = held.find(({ id }) => id === row.post) ?? held[0];
    // Who holds no post any more is nobody here.
    if (!post) return undefined;
    const principal = {
      kind: "official",
      id: row.holder,
      post,
      assurance: row.assurance,
      provenAt: provenAtOf(row),
    } as const;
    return { id: row.id, principal, displayName: row.displayName };
  }

  async function person(row: SessionRow, atMs: number): Promise<Session> {
    const principal = { kind: "person", id: row.holder, assurance: row.assurance, provenAt: provenAtOf(row) } as const;
    const session = { id: row.id, principal, displayName: row.displayName };
    const { organization, represented } = row;
    if (represented !== null) {
      const power = await persons.get(`${row.holder} ${represented}`, atMs, () =>
        powerOverPerson(needs, row.holder, represented),
      );
      return { ...session, onBehalfOf: power };
    }
    if (organization === null) return session;
    const power = await powers.get(`${row.holder} ${organization}`, atMs, () =>
      powerToAct(needs, row.holder, organization),
    );
    return { ...session, onBehalfOf: power };
  }

  function withRights(row: SessionRow, at: string): Promise<Session | undefined> {
    const atMs = Date.parse(at);
    return row.holderKind === "official" ? official(row, atMs) : person(row, atMs);
  }

  return {
    async session(token, at) {
      const row = await sessionOfToken(needs.sql, token, at);
      if (!row) return undefined;
      await touchSession(needs.sql, row, at);
      return withRights(row, at);
    },
    async sessionById(id, at) {
      const row = await findSession(needs.sql, id, at);
      const session = row && (await withRights(row, at));
      return session && { ...session, openedAt: row.openedAt, methods: row.methods };
    },
  };
}

async function heldPosts(needs: Needs, holder: string): Promise<readonly PostRef[]> {
  const answer = await needs.directory.postsOf({ official: holder });
  if (isRefusal(answer)) return [];
  return answer.items.map(({ id, title, authority, authorityName, duties, division }) => {
    return { id, title, authority, authorityName, duties, division };
  });
}

/** The right by which a person acts for an organization now; undefined when it has ended. */
async function powerToAct(needs: Needs, holder: string, organization: string): Promise<Representation | undefined> {
  const answer = await needs.legalEntities.representation({ person: holder, organization });
  if (isRefusal(answer)) return undefined;
  const { name, right, services } = answer;
  return { kind: "organization", id: organization, name, right, ...(services && { services }) };
}

/** The same for another person. */
async function powerOverPerson(needs: Needs, person: string, principal: string): Promise<Representation | undefined> {
  const answer = await needs.identity.powerOver({ person, principal });
  if (isRefusal(answer)) return undefined;
  const { name, right, services } = answer;
  return { kind: "person", id: principal, name, right, ...(services && { services }) };
}
