import type { z } from "zod";
import { syntheticMobileNumber } from "#lib/identifiers/mobile-number";
import { syntheticPermanentResidence } from "#lib/identifiers/residence-permit";
import { syntheticResidentIdentity } from "#lib/identifiers/resident-identity";
import type { population } from "#resources/population";
import { COUNTY_DIGITS, OTHER_COUNTY_DIGITS, REFERENCE_DAY, TOWNS } from "./county.ts";
import { givenName, type Sex, surname } from "./names.ts";
import type { SeededRandom } from "./seeded-random.ts";

export type PersonValue = z.input<(typeof population)["registers"]["person"]["schema"]>;
export interface PersonRow {
  readonly key: string;
  readonly value: PersonValue;
}

type Role = NonNullable<PersonValue["householdRole"]>;
const ADULT_YEARS = 18;
const ETHNICITIES = [
  ["汉族", 94],
  ["回族", 2],
  ["苗族", 2],
  ["土家族", 1],
  ["壮族", 1],
] as const;

interface Place {
  readonly division: string;
  readonly address: string;
}

interface Member {
  readonly role: Role;
  readonly sex: Sex;
  readonly age: number;
  readonly surname: string;
  /** Given where the demonstration needs this very person. */
  readonly named?: { readonly key?: string; readonly name: string; readonly birthDate?: string };
}

/** Makes the persons of the county, household by household, and keeps what must be used only once. */
export class Population {
  readonly persons: PersonRow[] = [];
  readonly #random: SeededRandom;
  readonly #sequences = new Map<string, number>();
  #mobiles = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Households until there are so many persons. */
  fill(count: number): void {
    while (this.persons.length < count) this.#household(this.#members(), this.place());
    this.#foreigners();
  }

  /** A household of the demonstration's own people. */
  add(members: readonly Member[], place: Place): readonly PersonRow[] {
    return this.#household(members, place);
  }

  /** Somebody of them has died. */
  died(key: string): void {
    const at = this.persons.findIndex((row) => row.key === key);
    const row = this.persons[at];
    if (row) this.persons[at] = { key, value: { ...row.value, lifeStatus: "deceased" } };
  }

  place(): Place {
    const random = this.#random;
    const town = random.weighted(TOWNS.map((each) => [each, each.share] as const));
    const inVillage = town.streets.length === 0 || (town.villages.length > 0 && random.percent(70));
    const address = inVillage
      ? `${town.name}${random.pick(town.villages)}${random.between(1, 12)}组${random.between(1, 60)}号`
      : `${town.name}${random.pick(town.streets)}${random.between(1, 300)}号${random.between(1, 12)}幢${random.between(1, 6)}0${random.between(1, 4)}室`;
    return { division: town.code, address: `清源县${address}` };
  }

  #members(): readonly Member[] {
    const random = this.#random;
    const family = surname(random);
    const kind = random.weighted([
      ["single", 12],
      ["couple", 20],
      ["children", 40],
      ["generations", 20],
      ["one-parent", 8],
    ] as const);
    const age = ageOfHead(random, kind);
    const sex: Sex = kind === "one-parent" || kind === "single" ? (random.percent(50) ? "male" : "female") : "male";
    const members: Member[] = [{ role: "head", sex, age, surname: family }];
    // A wife is 20 or older (民法典 §1047) and keeps her surname.
    const spouseAge = Math.max(20, age + random.between(-6, 2));
    if (kind !== "single" && kind !== "one-parent")
      members.push({ role: "spouse", sex: "female", age: spouseAge, surname: surname(random) });
    if (kind === "children" || kind === "generations")
      members.push(...this.#children(family, Math.min(age, spouseAge)));
    if (kind === "one-parent") members.push(...this.#children(family, age).slice(0, 1));
    if (kind === "generations") members.push(...this.#parents(family, age));
    return members;
  }

  /** Born when the younger parent was 21 to 38, at home until 27. */
  #children(family: string, parentAge: number): readonly Member[] {
    const random = this.#random;
    const ages = new Set<number>();
    const wanted = random.weighted([
      [1, 55],
      [2, 38],
      [3, 7],
    ] as const);
    for (let tries = 0; tries < 6 && ages.size < wanted; tries++) {
      const age = parentAge - random.between(21, 38);
      if (age >= 0 && age <= 27 && ![...ages].some((other) => Math.abs(other - age) < 2)) ages.add(age);
    }
    return [...ages].map((age) => ({
      role: "child",
      sex: random.percent(52) ? "male" : "female",
      age,
      surname: family,
    }));
  }

  #parents(family: string, age: number): readonly Member[] {
    const random = this.#random;
    const father: Member = { role: "parent", sex: "male", age: age + random.between(22, 32), surname: family };
    const mother: Member = {
      role: "parent",
      sex: "female",
      age: age + random.between(21, 30),
      surname: surname(random),
    };
    return random.weighted([
      [[father, mother], 5],
      [[father], 2],
      [[mother], 3],
    ] as const);
  }

  #household(members: readonly Member[], place: Place): readonly PersonRow[] {
    const household = this.#random.uuid();
    const ethnicity = this.#random.weighted(ETHNICITIES);
    const rows = members.map((member) => this.#person(member, { household, place, ethnicity }));
    this.persons.push(...rows);
    return rows;
  }

  #person(
    member: Member,
    home: { readonly household: string; readonly place: Place; readonly ethnicity: string },
  ): PersonRow {
    const random = this.#random;
    const birthDate = member.named?.birthDate
      ? Temporal.PlainDate.from(member.named.birthDate)
      : REFERENCE_DAY.subtract({ years: member.age, days: random.between(1, 360) });
    const movedIn = member.role === "spouse" ? random.percent(35) : random.percent(5);
    const division = movedIn ? random.pick(OTHER_COUNTY_DIGITS) : COUNTY_DIGITS;
    const hasMobile = member.age >= 14 && (member.age < 70 || random.percent(60));
    return {
      key: member.named?.key ?? random.uuid(),
      value: {
        name: member.named?.name ?? member.surname + givenName(random, member.sex),
        documentKind: "resident-identity",
        documentNumber: this.#identityNumber(division, birthDate, member.sex),
        sex: member.sex,
        birthDate: birthDate.toString(),
        ethnicity: home.ethnicity,
        nationality: "CHN",
        division: home.place.division,
        address: home.place.address,
        ...(hasMobile && { mobile: syntheticMobileNumber(this.#mobiles++) }),
        household: home.household,
        householdRole: member.role,
        lifeStatus: member.age > 78 && random.percent(12) && !member.named ? "deceased" : "alive",
      },
    };
  }

  /** Of those born in one place on one day, each has a sequence number of his own: odd for men. */
  #identityNumber(division: string, birthDate: Temporal.PlainDate, sex: Sex): string {
    const place = `${division} ${birthDate} ${sex}`;
    const sequence = this.#sequences.get(place) ?? (sex === "male" ? 1 : 2);
    this.#sequences.set(place, sequence + 2);
    return syntheticResidentIdentity({ division, birthDate, sequence });
  }

  /** A few who live here with a passport or a foreigner's permanent residence. UTO is the state of ICAO's specimens (Doc 9303-3). */
  #foreigners(): void {
    const people = [
      {
        name: "Anna Maria Eriksson",
        sex: "female",
        birthDate: "1974-08-12",
        number: "UTO-L898902C3",
        kind: "passport",
      },
      { name: "José Müller-Őry", sex: "male", birthDate: "1981-02-03", number: "UTO-L990000017", kind: "passport" },
      {
        name: "Amélie Dubois",
        sex: "female",
        birthDate: "1990-11-20",
        number: "250",
        kind: "foreign-permanent-residence",
      },
      {
        name: "Nguyễn Văn Minh",
        sex: "male",
        birthDate: "1985-06-30",
        number: "704",
        kind: "foreign-permanent-residence",
      },
    ] as const;
    const nationalities = { "250": "FRA", "704": "VNM" } as const;
    for (const { name, sex, birthDate, number, kind } of people) {
      const day = Temporal.PlainDate.from(birthDate);
      const permanent = kind === "foreign-permanent-residence";
      const documentNumber = permanent
        ? syntheticPermanentResidence({ nationality: number, birthDate: day, sequence: sex === "male" ? 1 : 2 })
        : number;
      const nationality = permanent ? nationalities[number] : "UTO";
      const mobile = syntheticMobileNumber(this.#mobiles++);
      const given = { name, documentKind: kind, documentNumber, sex, birthDate, nationality, mobile, ...this.place() };
      this.persons.push({ key: this.#random.uuid(), value: { ...given, lifeStatus: "alive" } });
    }
  }
}

function ageOfHead(
  random: SeededRandom,
  kind: "single" | "couple" | "children" | "generations" | "one-parent",
): number {
  switch (kind) {
    case "single":
      return random.percent(50) ? random.between(22, 35) : random.between(60, 88);
    case "couple":
      return random.percent(35) ? random.between(24, 34) : random.between(52, 85);
    case "children":
    case "one-parent":
      return random.between(25, 58);
    case "generations":
      return random.between(28, 56);
  }
}

/** Age in full years on the reference day. */
export function ageOf(person: PersonRow): number {
  return Temporal.PlainDate.from(person.value.birthDate).until(REFERENCE_DAY, { largestUnit: "years" }).years;
}

/** Who may run a business: adult, alive, not very old. */
export function canTrade(person: PersonRow): boolean {
  const age = ageOf(person);
  return person.value.lifeStatus === "alive" && age >= ADULT_YEARS && age <= 68;
}
