import { type Cast, generateCast } from "./cast.ts";
import { generateOffices, type Offices } from "./offices.ts";
import { type OrganizationRow, Organizations } from "./organizations.ts";
import { type PersonRow, Population } from "./persons.ts";
import { generateRepresented } from "./represented.ts";
import { SeededRandom } from "./seeded-random.ts";

export const PERSONS_MIN = 5_200;
const SEED = "清源县";

/** The whole synthetic county. */
export interface DemonstrationCounty {
  readonly persons: readonly PersonRow[];
  readonly organizations: readonly OrganizationRow[];
  readonly offices: Offices;
  readonly cast: Cast;
}

/** Makes the county: the same one each time, for the same seed. */
export function generateCounty(seed: string = SEED): DemonstrationCounty {
  // One stream of numbers for each part, so that a change in one leaves the others as they were.
  const offices = generateOffices(new SeededRandom(`${seed} offices`));
  const population = new Population(new SeededRandom(`${seed} population`));
  const organizations = new Organizations(new SeededRandom(`${seed} organizations`));
  const first = generateCast(new SeededRandom(`${seed} cast`), { population, organizations, offices });
  population.fill(PERSONS_MIN);
  organizations.fill(population.persons);
  const cast = generateRepresented(new SeededRandom(`${seed} represented`), { population, offices, cast: first });
  return { persons: population.persons, organizations: organizations.organizations, offices, cast };
}
