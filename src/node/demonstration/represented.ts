import { text } from "#lib/language/text";
import { type Cast, person } from "./cast.ts";
import type { Offices } from "./offices.ts";
import type { Population } from "./persons.ts";
import type { SeededRandom } from "./seeded-random.ts";

const TERM = { from: "2026-01-01", to: "2030-12-31" } as const;
const EVERYTHING = { scope: "all-services", status: "in-force", ...TERM } as const;
const SERVICE = "public-security.vehicleRegistration";

/**
 * Those for whom others act: a mother whose guardian a court named, a father who has died and left a vehicle, his son who authorized somebody. They come
 * last, so that everybody else is who they were.
 */
export function generateRepresented(
  random: SeededRandom,
  county: {
    readonly population: Population;
    readonly offices: Offices;
    readonly cast: Omit<Cast, "powers" | "vehicles">;
  },
): Cast {
  const { population, offices, cast } = county;
  const holder = (signInName: string) =>
    cast.signIns.find((one) => one.signInName === signInName)?.holder ?? offices.bySignInName.get(signInName) ?? "";
  const [ward] = population.add(
    [{ role: "head", sex: "female", age: 78, surname: "沈", named: { name: "沈月娥", birthDate: "1947-11-02" } }],
    { division: "990101002", address: "清源县湖滨街道望湖街88号6幢102室" },
  );
  const [son, father] = population.add(
    [
      { role: "head", sex: "male", age: 41, surname: "许", named: { name: "许明川", birthDate: "1984-07-19" } },
      { role: "parent", sex: "male", age: 72, surname: "许", named: { name: "许守田", birthDate: "1953-03-08" } },
    ],
    { division: "990101001", address: "清源县清源街道桂花巷11号2幢101室" },
  );
  if (!ward || !son || !father) throw new RangeError("those for whom others act are missing");
  population.died(father.key);
  const registrar = holder("counter");
  const decided = { recordedBy: registrar, decidedBy: holder("powers"), reason: "与原件核对无误" } as const;
  const vehicle = (owner: { readonly key: string; readonly value: { readonly name: string } }, number: number) =>
    ({
      plate: `样本${String(99_000 + number)}`,
      holderId: owner.key,
      holderName: owner.value.name,
      frameNumber: `990101SAMPLE${String(number).padStart(3, "0")}`,
      status: "registered",
      authority: offices.authorities.find(({ value }) => value.kind === "public-security")?.key ?? "",
    }) as const;
  return {
    ...cast,
    signIns: [
      ...cast.signIns.flatMap((one) =>
        one.signInName === "neighbour"
          ? [one, person("heir", son, text("许守田的继承人", "Heir of Xu Shoutian, who has died"))]
          : [one],
      ),
    ],
    powers: [
      {
        key: random.uuid(),
        value: {
          ...{ principal: ward.key, agent: holder("company"), kind: "guardian", basis: "judgment" },
          ...{ evidence: "样本 清源县人民法院（2025）民特第9号民事判决书", ...EVERYTHING, ...decided },
        },
      },
      {
        key: random.uuid(),
        value: {
          ...{ principal: father.key, agent: son.key, kind: "heir", basis: "kinship" },
          ...{ evidence: "样本 亲属关系证明、全体继承人确认书 9900012", ...EVERYTHING, ...decided },
        },
      },
      {
        key: random.uuid(),
        value: {
          ...{ principal: son.key, agent: holder("agent"), kind: "agent", basis: "mandate" },
          ...{ scope: "one-service", service: SERVICE, status: "in-force", ...TERM, recordedBy: son.key },
        },
      },
    ],
    vehicles: [
      {
        key: random.uuid(),
        value: {
          ...vehicle(father, 1),
          ...{ vehicle: "electric-bicycle", brand: "清源牌 TDT99Z", registeredOn: "2024-05-06", caseId: random.uuid() },
        },
      },
      {
        key: random.uuid(),
        value: {
          ...vehicle(ward, 2),
          ...{ vehicle: "wheelchair", brand: "清源牌 LY99", registeredOn: "2023-09-11", caseId: random.uuid() },
        },
      },
    ],
  };
}
