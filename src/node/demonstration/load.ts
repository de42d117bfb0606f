import type { z } from "zod";
import { directory } from "#infrastructure/directory";
import { identity } from "#infrastructure/identity";
import type { Contract, Input } from "#kernel/contract/contract";
import { toBase32 } from "#lib/crypto/base32";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { publicSecurity } from "#systems/public-security";
import { DEMONSTRATION_PASSWORD, type SignIn } from "./cast.ts";
import { demonstrationSecret } from "./codes.ts";
import { DIVISIONS } from "./county.ts";
import { type DemonstrationCounty, generateCounty } from "./generate.ts";
import { SeededRandom } from "./seeded-random.ts";

/** One entry to be imported, true from `validFrom` on (ISO 8601 UTC). */
export interface ImportedEntry<V> {
  readonly key: string;
  readonly value: V;
  readonly validFrom: string;
}

/** Where the demonstration is loaded: the node, before it opens. */
export interface DemonstrationTarget {
  /** Writes entries into an empty register. */
  importRegister<C extends Contract, K extends keyof C["registers"] & string>(
    contract: C,
    register: K,
    rows: Iterable<ImportedEntry<z.input<C["registers"][K]["schema"]>>>,
  ): Promise<void>;
  /** Performs a command as the node. Throws when it is refused: the demonstration's own data is never wrong. */
  command<C extends Contract, K extends keyof C["operations"] & string>(
    contract: C,
    operation: K,
    input: Input<C["operations"][K]["input"]>,
  ): Promise<unknown>;
}

/** Offices and authorizations begin here, long before the first case. */
const FOUNDED = "2018-12-31T16:00:00Z";
/** Digests of passwords are slow on purpose; two cores take so many at once. */
const ACCOUNTS_AT_ONCE = 4;

/** Loads the synthetic county, or what of it a node keeps, and gives who can sign in there. */
export async function loadDemonstration(
  target: DemonstrationTarget,
  county: DemonstrationCounty = generateCounty(),
  keeps: (room: string) => boolean = () => true,
): Promise<{ readonly signIns: readonly SignIn[]; readonly password: string }> {
  const { offices, persons, organizations, cast } = county;
  await target.importRegister(directory, "division", divisionRows());
  await target.importRegister(directory, "authority", since(FOUNDED, offices.authorities));
  await target.importRegister(directory, "post", since(FOUNDED, offices.posts));
  await target.importRegister(directory, "official", since(FOUNDED, offices.officials));
  await target.importRegister(directory, "appointment", since(FOUNDED, offices.appointments));
  if (keeps(population.id)) {
    await target.importRegister(population, "person", bornOn(persons));
    await target.importRegister(population, "guardianship", since(FOUNDED, cast.guardianships));
  }
  if (keeps(identity.id)) await target.importRegister(identity, "power", since(FOUNDED, cast.powers));
  if (keeps(publicSecurity.id)) await target.importRegister(publicSecurity, "vehicle", since(FOUNDED, cast.vehicles));
  if (keeps(legalEntities.id)) {
    await target.importRegister(legalEntities, "organization", establishedOn(organizations));
    await target.importRegister(legalEntities, "authorization", since(FOUNDED, cast.authorizations));
  }
  for (let at = 0; at < cast.signIns.length; at += ACCOUNTS_AT_ONCE) {
    await Promise.all(cast.signIns.slice(at, at + ACCOUNTS_AT_ONCE).map((signIn) => createAccount(target, signIn)));
  }
  return { signIns: cast.signIns, password: DEMONSTRATION_PASSWORD };
}

async function createAccount(target: DemonstrationTarget, { signInName, holderKind, holder }: SignIn): Promise<void> {
  await target.command(identity, "createAccount", { signInName, holderKind, holder, password: DEMONSTRATION_PASSWORD });
  await target.command(identity, "giveGenerator", { signInName, secret: toBase32(demonstrationSecret(signInName)) });
}

function* divisionRows() {
  const random = new SeededRandom("divisions");
  for (const value of DIVISIONS) yield { key: random.uuid(), value, validFrom: FOUNDED };
}

function* since<V>(validFrom: string, rows: Iterable<{ readonly key: string; readonly value: V }>) {
  for (const { key, value } of rows) yield { key, value, validFrom };
}

function* bornOn(rows: DemonstrationCounty["persons"]) {
  for (const { key, value } of rows) yield { key, value, validFrom: beginningOf(value.birthDate) };
}

function* establishedOn(rows: DemonstrationCounty["organizations"]) {
  for (const { key, value } of rows) yield { key, value, validFrom: beginningOf(value.establishedOn) };
}

function beginningOf(day: string): string {
  return Temporal.PlainDate.from(day).toZonedDateTime("Asia/Shanghai").toInstant().toString();
}
