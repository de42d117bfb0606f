import type { KoaContextWithOIDC } from "oidc-provider";
import type { LedgerEntry, LedgerSubject } from "#kernel/ledger/entry";
import type { Kernel } from "#kernel/system/kernel";
import { type ActingIdentity, identityNamed } from "./acting-identity.ts";
import { SCOPE_CLAIMS } from "./claims.ts";
import { OPENID_ENTRIES } from "./client-contract.ts";
import { type ClientClaim, isByConsent } from "./client-rows.ts";

/** What every system is given at a sign-in. */
const BASE = ["sub", "acr"];
const CONSENT = ["个人信息保护法 第十三条第一款第一项"];

/**
 * Writes into the ledger what a system was given, before the answer leaves: a sign-in at the token endpoint, claims at the userinfo
 * endpoint. Whom it concerns finds it under "who looked at my data".
 */
export function recordDisclosures(kernel: Kernel) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    await next();
    const entries = ctx.status === 200 ? entriesOf(kernel, ctx) : [];
    if (entries.length > 0) await kernel.ledger.append(kernel.database, entries);
  };
}

/** One for what every system gets, and one for each claim that has a purpose and a law of its own. */
function entriesOf(kernel: Kernel, { oidc, body }: KoaContextWithOIDC): readonly LedgerEntry[] {
  // An address that is no endpoint has no context of the protocol.
  const route = (oidc as KoaContextWithOIDC["oidc"] | undefined)?.route;
  if (route !== "token" && route !== "userinfo") return [];
  const { Account: account, Client: client } = oidc.entities;
  const identity = identityNamed(account?.accountId ?? "");
  if (!identity || !client) return [];
  const given = route === "userinfo" ? Object.keys((body ?? {}) as object).filter((claim) => claim !== "sub") : BASE;
  const claims = (client["zt_claims"] as readonly ClientClaim[] | undefined) ?? [];
  const ofItsOwn = claims.map((claim) => ({
    attributes: given.filter((one) => (SCOPE_CLAIMS[claim.scope] as readonly string[]).includes(one)),
    purpose: claim.purposeZh,
    legalBasis: isByConsent(claim) ? CONSENT : claim.legalBasis,
  }));
  const told = new Set(ofItsOwn.flatMap(({ attributes }) => attributes));
  const rest = {
    attributes: given.filter((one) => !told.has(one)),
    purpose: String(client["zt_purpose"]),
    legalBasis: (client["zt_legal_basis"] as readonly string[] | undefined) ?? [],
  };
  return [rest, ...ofItsOwn]
    .filter(({ attributes }, index) => attributes.length > 0 || (index === 0 && told.size === 0))
    .map(({ attributes, purpose, legalBasis }) => ({
      type: "exchange",
      at: kernel.now(),
      room: "identity",
      operation: route === "token" ? OPENID_ENTRIES.signIn : OPENID_ENTRIES.userinfo,
      actor: { kind: "node", id: client.clientName ?? client.clientId },
      ...{ purpose, legalBasis, subjects: subjectsOf(identity, attributes), outcome: "answered" },
      detail: { client: client.clientId },
    }));
}

function subjectsOf(identity: ActingIdentity, attributes: readonly string[]): readonly LedgerSubject[] {
  const holder: LedgerSubject = { kind: identity.kind, id: identity.holder, attributes };
  if (identity.kind !== "person" || identity.capacity === undefined || !attributes.includes("organization")) {
    return [holder];
  }
  return [holder, { kind: "organization", id: identity.capacity, attributes: ["organization"] }];
}
