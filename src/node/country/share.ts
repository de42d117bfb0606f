import { type DemonstrationShare, wholeCounty } from "../demonstration/ensure.ts";
import type { DemonstrationCounty } from "../demonstration/generate.ts";
import { generateCounty } from "../demonstration/generate.ts";
import { type AuthorityPlan, generateOffices } from "../demonstration/offices.ts";
import { SeededRandom } from "../demonstration/seeded-random.ts";
import type { CountryNode } from "./plan.ts";

/** What of the demonstration a node of the country has: the registers that it keeps, and people who sign in there. */
export function shareOf(node: CountryNode): DemonstrationShare {
  const { authority, rooms, departments = [], sharing = {} } = node;
  const keeps = (room: string) => rooms.includes(room);
  // The county of the country keeps neither persons nor organizations: who does shares them.
  if (authority === undefined) return { ...wholeCounty(), keeps, sharing };
  const authorities = [authority, ...departments];
  return { county: withOffices(generateCounty(), node, authorities), keeps, hosts: { "*": authority.code }, sharing };
}

/** The same people and organizations under the offices of another level. */
function withOffices(
  county: DemonstrationCounty,
  node: CountryNode,
  authorities: readonly AuthorityPlan[],
): DemonstrationCounty {
  const offices = generateOffices(new SeededRandom(`offices ${node.code}`), authorities, node.division);
  const signIns = authorities
    .flatMap(({ posts }) => posts)
    .flatMap(({ title: role, holders }) =>
      holders.map(([name, signInName]) => {
        const holder = offices.bySignInName.get(signInName) ?? "";
        return { signInName, holderKind: "official" as const, holder, name, role };
      }),
    );
  return { ...county, offices, cast: { ...county.cast, signIns } };
}
