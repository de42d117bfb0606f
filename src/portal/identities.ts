import { identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import type { PersonRight } from "#kernel/system/act";
import { fill, type Text, text } from "#lib/language/text";
import { legalEntities } from "#resources/legal-entities";

/** The value of the choice to act for oneself. */
export const SELF = "self";

const RIGHTS = {
  "legal-representative": text("法定代表人、负责人", "Legal representative"),
  operator: text("经营者", "Operator"),
  agent: text("受托人，授权至 {to}", "Agent, authorised until {to}"),
} as const;
const PERSON_WORDS = {
  guardian: text("您是监护人", "You are the guardian"),
  heir: text("您是继承人", "You are an heir"),
  agent: text("您受其委托", "You act by authorization"),
} as const;
const UNTIL = text("，至 {to}", ", until {to}");
const IN_PERSON = text("本人", "Yourself");

/** In whose name someone can act: their own, that of an organization, or that of another person. */
export interface Identity {
  readonly value: string;
  readonly kind: "person" | "organization";
  readonly id: string;
  readonly name: string;
  readonly role: Text;
  /** By which right, where it is another person. */
  readonly right?: PersonRight;
}

/** What the register says of the signed-in person: nothing is typed in, nothing is claimed. */
export async function identitiesOf(request: PageRequest) {
  const { session } = request;
  const person = session?.principal.kind === "person" ? session.principal.id : "";
  const found = await request.front(legalEntities, { purpose: "own-affairs" }).organizationsOf({ person });
  if (isRefusal(found)) return found;
  const powers = await request.front(identity, { purpose: "own-affairs" }).myPowers({});
  if (isRefusal(powers)) return powers;
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
  const persons = [...Map.groupBy(powers.held, ({ person: other }) => other)].map(([id, held]): Identity => {
    const power = held.find(({ scope }) => scope === "all-services") ?? held[0];
    const right = power?.right ?? "agent";
    const words = PERSON_WORDS[right];
    const until = fill(UNTIL, { to: power?.to ?? "" });
    const role = power?.to === undefined ? words : text(words.zh + until.zh, words.en + until.en);
    return { value: id, kind: "person", id, name: power?.name ?? "", role, right };
  });
  return [self, ...organizations, ...persons];
}
