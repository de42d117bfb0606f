import type { KoaContextWithOIDC } from "oidc-provider";
import type { LedgerEntry, LedgerSubject } from "#kernel/ledger/entry";
import type { Kernel } from "#kernel/system/kernel";
import { type ActingIdentity, identityNamed } from "./acting-identity.ts";
import { OPENID_ENTRIES } from "./client-contract.ts";

/**
 * Writes into the ledger what a system was given, before the answer leaves: a sign-in at the token endpoint, claims at the userinfo
 * endpoint. Whom it concerns finds it under "who looked at my data".
 */
export function recordDisclosures(kernel: Kernel) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    await next();
    const entry = ctx.status === 200 ? entryOf(kernel, ctx) : undefined;
    if (entry) await kernel.ledger.append(kernel.database, [entry]);
  };
}

function entryOf(kernel: Kernel, { oidc, body }: KoaContextWithOIDC): LedgerEntry | undefined {
  // An address that is no endpoint has no context of the protocol.
  const route = (oidc as KoaContextWithOIDC["oidc"] | undefined)?.route;
  if (route !== "token" && route !== "userinfo") return undefined;
  const { Account: account, Client: client } = oidc.entities;
  const identity = identityNamed(account?.accountId ?? "");
  if (!identity || !client) return undefined;
  const given = route === "userinfo" ? Object.keys((body ?? {}) as object) : ["sub", "acr"];
  const attributes = given.filter((claim) => claim !== "sub" || route === "token");
  return {
    type: "exchange",
    at: kernel.now(),
    room: "identity",
    operation: route === "token" ? OPENID_ENTRIES.signIn : OPENID_ENTRIES.userinfo,
    actor: { kind: "node", id: client.clientName ?? client.clientId },
    purpose: String(client["zt_purpose"]),
    legalBasis: (client["zt_legal_basis"] as readonly string[] | undefined) ?? [],
    subjects: subjectsOf(identity, attributes),
    outcome: "answered",
    detail: { client: client.clientId },
  };
}

function subjectsOf(identity: ActingIdentity, attributes: readonly string[]): readonly LedgerSubject[] {
  const holder: LedgerSubject = { kind: identity.kind, id: identity.holder, attributes };
  if (identity.kind !== "person" || identity.capacity === undefined || !attributes.includes("organization")) {
    return [holder];
  }
  return [holder, { kind: "organization", id: identity.capacity, attributes: ["organization"] }];
}
