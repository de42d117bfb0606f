import assert from "node:assert/strict";
import { test } from "node:test";
import { directory } from "#infrastructure/directory";
import { checkPermanentResidencePermit } from "#lib/identifiers/residence-permit";
import { checkResidentIdentity } from "#lib/identifiers/resident-identity";
import { checkUnifiedSocialCredit } from "#lib/identifiers/unified-social-credit";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { COUNTY, REFERENCE_DAY } from "./county.ts";
import { generateCounty } from "./generate.ts";
import { RARE_CHARACTERS } from "./names.ts";
import { ageOf, type PersonRow } from "./persons.ts";

const county = generateCounty();
const today = REFERENCE_DAY;
const people = new Map(county.persons.map((row) => [row.key, row]));

test("The county is the same each time, and another for another seed", () => {
  assert.deepEqual(generateCounty(), county);
  assert.notDeepEqual(generateCounty("another").persons[20], county.persons[20]);
});

test("It is as large as promised, most organizations being individual businesses", () => {
  assert.ok(county.persons.length >= 5_000);
  assert.ok(county.organizations.length >= 500);
  const individual = county.organizations.filter(({ value }) => value.kind === "individual-business");
  assert.ok(individual.length > county.organizations.length / 2);
  assert.ok(county.offices.officials.length >= 20);
});

test("Every entry fits its register", () => {
  for (const { value } of county.persons) population.registers.person.schema.parse(value);
  for (const { value } of county.organizations) legalEntities.registers.organization.schema.parse(value);
  for (const { value } of county.cast.authorizations) legalEntities.registers.authorization.schema.parse(value);
  for (const { value } of county.offices.authorities) directory.registers.authority.schema.parse(value);
  for (const { value } of county.offices.posts) directory.registers.post.schema.parse(value);
  for (const { value } of county.offices.officials) directory.registers.official.schema.parse(value);
});

test("Every number is valid, is used once and can belong to nobody", () => {
  const numbers = new Set(county.persons.map(({ value }) => value.documentNumber));
  assert.equal(numbers.size, county.persons.length);
  for (const { value } of county.persons) {
    const { documentKind, documentNumber: number } = value;
    if (documentKind === "resident-identity") {
      const read = checkResidentIdentity(number, { today, division: () => "current" });
      assert.ok(read.status === "ok", number);
      assert.equal(read.value.birthDate.toString(), value.birthDate);
      assert.equal(read.value.sex, value.sex);
      assert.ok(read.value.synthetic);
    } else if (documentKind === "foreign-permanent-residence") {
      assert.notEqual(checkPermanentResidencePermit(number, { today }).status, "error", number);
      assert.ok(number.startsWith("999"));
    } else {
      assert.ok(number.startsWith("UTO-"), "the state of ICAO's specimens");
    }
    if (value.mobile !== undefined) assert.match(value.mobile, /^99\d{9}$/);
  }
  const codes = new Set(county.organizations.map(({ value }) => value.creditCode));
  assert.equal(codes.size, county.organizations.length);
  for (const code of codes) {
    const read = checkUnifiedSocialCredit(code, { division: () => "current" });
    assert.equal(read.status, "ok", code);
    assert.equal(code.slice(2, 8), COUNTY);
  }
});

test("Keys are used once in the whole county", () => {
  const { offices, persons, organizations, cast } = county;
  const rows = [
    persons,
    organizations,
    offices.authorities,
    offices.posts,
    offices.officials,
    offices.appointments,
    cast.authorizations,
  ];
  const keys = rows.flatMap((list) => list.map(({ key }) => key));
  assert.equal(new Set(keys).size, keys.length);
});

test("Households are families: one head, children born when their parents were grown up, parents older still", () => {
  const households = Map.groupBy(
    county.persons.filter(({ value }) => value.household),
    ({ value }) => value.household,
  );
  assert.ok(households.size > 1_000);
  for (const members of households.values()) {
    const head = members.filter(({ value }) => value.householdRole === "head");
    assert.equal(head.length, 1);
    const [first] = head;
    assert.ok(first);
    assert.ok(ageOf(first) >= 18);
    for (const member of members) {
      assert.equal(member.value.address, first.value.address);
      assertCoherent(member, first);
    }
  }
});

function assertCoherent(member: PersonRow, head: PersonRow) {
  const older = ageOf(head) - ageOf(member);
  const said = `${member.value.householdRole} ${member.value.birthDate}, head ${head.value.birthDate}`;
  if (member.value.householdRole === "child") assert.ok(older >= 18, said);
  if (member.value.householdRole === "parent") assert.ok(older <= -18, said);
  if (member.value.householdRole === "spouse") assert.ok(ageOf(member) >= 18 && Math.abs(older) <= 12, said);
  assert.ok(ageOf(member) >= 0 && ageOf(member) < 110, said);
}

test("Rare characters are among the names, one of them from Extension B", () => {
  for (const character of RARE_CHARACTERS) {
    assert.ok(
      county.persons.some(({ value }) => value.name.includes(character)),
      character,
    );
  }
  assert.ok(RARE_CHARACTERS.some((character) => (character.codePointAt(0) ?? 0) >= 0x20000));
});

test("Every organization has a head of age and alive, who was of age when it was founded", () => {
  const names = new Set<string>();
  for (const { value } of county.organizations) {
    const head = people.get(value.representative);
    assert.ok(head, value.name);
    assert.equal(head.value.lifeStatus, "alive");
    const grownUp = Temporal.PlainDate.from(head.value.birthDate).add({ years: 18 }).toString();
    assert.ok(value.establishedOn >= grownUp && value.establishedOn <= today.toString(), value.name);
    names.add(value.name);
  }
  assert.equal(names.size, county.organizations.length);
});

test("Who signs in exists; the agent has a written authorization of the shop's owner", () => {
  const { cast, offices } = county;
  const officials = new Map(offices.officials.map((row) => [row.key, row]));
  assert.equal(new Set(cast.signIns.map(({ signInName }) => signInName)).size, cast.signIns.length);
  for (const signIn of cast.signIns) {
    const row = signIn.holderKind === "person" ? people.get(signIn.holder) : officials.get(signIn.holder);
    assert.equal(row?.value.name, signIn.name);
  }
  const holder = (name: string) => cast.signIns.find(({ signInName }) => signInName === name)?.holder;
  assert.equal(cast.shop.value.representative, holder("owner"));
  assert.equal(cast.company.value.representative, holder("company"));
  const [authorization] = cast.authorizations;
  assert.equal(authorization?.value.agent, holder("agent"));
  assert.equal(authorization?.value.organization, cast.shop.key);
});

test("Each duty that a licence needs has two holders where two are needed, and nobody both examines and decides", () => {
  const { posts, appointments } = county.offices;
  const duties = new Map(posts.map(({ key, value }) => [key, value.duties]));
  const holders = (duty: string) =>
    appointments.filter(({ value }) => duties.get(value.post)?.includes(duty)).map(({ value }) => value.official);
  for (const duty of [
    "licensing.accept",
    "licensing.decide",
    "licensing.extend",
    "licensing.hear",
    "licensing.counter",
  ]) {
    assert.ok(holders(duty).length >= 1, duty);
  }
  assert.ok(new Set(holders("licensing.inspect")).size >= 2);
  const deciders = new Set(holders("licensing.decide"));
  assert.ok(holders("licensing.examine").every((examiner) => !deciders.has(examiner)));
  for (const { value } of posts) {
    if (value.duties.includes("audit.read")) assert.deepEqual(value.duties, ["audit.read"]);
  }
});
