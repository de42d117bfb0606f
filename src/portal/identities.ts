import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import { fill, type Text, text } from "#lib/language/text";
import { legalEntities } from "#resources/legal-entities";

/** The value of the choice to act for oneself. */
export const SELF = "self";

const RIGHTS = {
  "legal-representative": text("法定代表人、负责人", "Legal representative"),
  operator: text("经营者", "Operator"),
  agent: text("受托人，授权至 {to}", "Agent, authorised until {to}"),
} as const;
const IN_PERSON = text("本人", "Yourself");

/** In whose name someone can act: their own, or that of an organization. */
export interface Identity {
  readonly value: string;
  readonly kind: "person" | "organization";
  readonly id: string;
  readonly name: string;
  readonly role: Text;
}

/** What the register says of the signed-in person: nothing is typed in, nothing is claimed. */
export async function identitiesOf(request: PageRequest) {
  const { session } = request;
  const person = session?.principal.kind === "person" ? session.principal.id : "";
  const found = await request.front(legalEntities, { purpose: "own-affairs" }).organizationsOf({ person });
  if (isRefusal(found)) return found;
  const self: Identity = { value: SELF, kind: "person", id: person, name: session?.displayName ?? "", role: IN_PERSON };
  const organizations = found.items.map(
    (one): Identity => ({
      value: one.id,
      kind: "organization",
      id: one.id,
      name: one.name,
      role: text(
        `${fill(RIGHTS[one.right], { to: one.to ?? "" }).zh} · ${one.creditCode}`,
        `${fill(RIGHTS[one.right], { to: one.to ?? "" }).en} · ${one.creditCode}`,
      ),
    }),
  );
  return [self, ...organizations];
}
