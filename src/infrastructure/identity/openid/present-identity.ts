import type { Session } from "#kernel/ports";
import type { IdentityPrincipals } from "../ports.ts";
import { type ActingIdentity, identityName, identityNamed } from "./acting-identity.ts";

/** As whom a session acts now; auditors and other rooms are nobody to a system. */
export function identityOf({ id, principal, onBehalfOf }: Session): ActingIdentity | undefined {
  if (principal.kind === "person") {
    return { kind: "person", holder: principal.id, session: id, capacity: onBehalfOf?.id };
  }
  if (principal.kind !== "official") return undefined;
  return { kind: "official", holder: principal.id, session: id, capacity: principal.post.id };
}

/** The session behind a name of the protocol, while it runs and its holder still acts in the same name or post. */
export async function sessionNamed(
  principals: Pick<IdentityPrincipals, "sessionById">,
  accountId: string,
  at: string,
): Promise<(Session & { readonly openedAt: string }) | undefined> {
  const identity = identityNamed(accountId);
  const session = identity && (await principals.sessionById(identity.session, at));
  const present = session && identityOf(session);
  return present && identityName(present) === accountId ? session : undefined;
}
