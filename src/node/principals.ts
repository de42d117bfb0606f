import { directory } from "#infrastructure/directory";
import { identity } from "#infrastructure/identity";
import { frontOf } from "#kernel/http/pages";
import type { Kernel } from "#kernel/system/kernel";
import { legalEntities } from "#resources/legal-entities";
import { type IdentityPrincipals, identityPrincipals } from "../infrastructure/identity/ports.ts";
import { nodeActOf } from "./node-act.ts";

/** Who is signed in, with the rights that the rooms say. */
export function principalsOf(kernel: Kernel): IdentityPrincipals {
  const asNode = () => nodeActOf(kernel, identity.id);
  return identityPrincipals({
    sql: kernel.database,
    directory: frontOf(kernel, directory, asNode),
    legalEntities: frontOf(kernel, legalEntities, asNode),
    identity: frontOf(kernel, identity, asNode),
  });
}
