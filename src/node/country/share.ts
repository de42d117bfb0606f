import { type DemonstrationShare, wholeCounty } from "../demonstration/ensure.ts";
import type { DemonstrationCounty } from "../demonstration/generate.ts";
import { generateCounty } from "../demonstration/generate.ts";
import { type AuthorityPlan, generateOffices } from "../demonstration/offices.ts";
import { SeededRandom } from "../demonstration/seeded-random.ts";
import type { CountryNode } from "./plan.ts";

/** What of the demonstration a node of the country has: the registers that it keeps, and people who sign in there. */
export function shareOf(node: CountryNode): DemonstrationShare {
  const { authority, rooms } = node;
  const keeps = (room: string) => rooms.includes(room);
  if (authority === undefined) return { ...wholeCounty(), keeps };
  return { county: withOffices(generateCounty(), node, authority), keeps, hosts: { "*": authority.code } };
}

/** The same people and organizations under the offices of another level. */
function withOffices(county: DemonstrationCounty, node: CountryNode, authority: AuthorityPlan): DemonstrationCounty {
  const offices = generateOffices(new SeededRandom(`offices ${node.code}`), [authority], node.division);
  const signIns = authority.posts.flatMap(({ title: role, holders }) =>
    holders.map(([name, signInName]) => {
      const holder = offices.bySignInName.get(signInName) ?? "";
      return { signInName, holderKind: "official" as const, holder, name, role };
    }),
  );
  return { ...county, offices, cast: { ...county.cast, signIns } };
}
