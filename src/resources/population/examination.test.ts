import assert from "node:assert/strict";
import { test } from "node:test";
import { syntheticPermanentResidence } from "#lib/identifiers/residence-permit";
import { syntheticResidentIdentity } from "#lib/identifiers/resident-identity";
import { examinePerson } from "./examination.ts";

const TODAY = "2026-03-02";
const known = { today: TODAY, division: () => "current" as const };
const born = Temporal.PlainDate.from("1988-04-12");
const number = syntheticResidentIdentity({ division: "0101", birthDate: born, sequence: 2 });

const person = {
  name: "林晓竹",
  documentKind: "resident-identity",
  documentNumber: number,
  sex: "female",
  birthDate: "1988-04-12",
  nationality: "CHN",
  division: "990101002",
  address: "清源县湖滨街道翠竹路27号",
  lifeStatus: "alive",
} as const;

const paths = (issues: readonly { path: string }[]) => issues.map(({ path }) => path);

test("A coherent entry passes, brought to one form", () => {
  const found = examinePerson(
    { ...person, name: " 林 晓竹 ", documentNumber: `${number.slice(0, 6)} ${number.slice(6)}` },
    known,
  );
  assert.deepEqual(found.errors, []);
  assert.deepEqual(found.warnings, []);
  assert.equal(found.person.documentNumber, number);
  assert.equal(found.person.name, "林晓竹");
});

test("A wrong check digit is an error at the number, in both languages", () => {
  const wrong = number.slice(0, 17) + (number.endsWith("X") ? "0" : "X");
  const [issue, ...more] = examinePerson({ ...person, documentNumber: wrong }, known).errors;
  assert.equal(issue?.path, "documentNumber");
  assert.ok(issue.text.zh && issue.text.en);
  assert.equal(more.length, 0);
});

test("A birthday in the future is an error, and so is one that nobody can have", () => {
  assert.deepEqual(paths(examinePerson({ ...person, birthDate: "2026-03-03" }, known).errors), ["birthDate"]);
  assert.deepEqual(paths(examinePerson({ ...person, birthDate: "1880-01-01" }, known).errors), ["birthDate"]);
  assert.deepEqual(paths(examinePerson({ ...person, birthDate: TODAY }, known).errors), []);
});

test("A birth date, sex or nationality that does not fit the number is a warning, not a block", () => {
  const other = examinePerson({ ...person, birthDate: "1988-04-13", sex: "male", nationality: "FRA" }, known);
  assert.deepEqual(other.errors, []);
  assert.deepEqual(paths(other.warnings), ["birthDate", "sex", "nationality"]);
});

test("An unknown or abolished division is a warning", () => {
  for (const status of ["unknown", "abolished"] as const) {
    const found = examinePerson(person, { today: TODAY, division: () => status });
    assert.deepEqual(found.errors, []);
    assert.deepEqual(paths(found.warnings), ["documentNumber"]);
  }
});

test("A passport's number is kept with the state that issued it, and read back as it is kept", () => {
  const traveller = { ...person, documentKind: "passport", documentNumber: "l898902c3", nationality: "UTO" } as const;
  const found = examinePerson(traveller, known);
  assert.deepEqual(found.errors, []);
  assert.equal(found.person.documentNumber, "UTO-L898902C3");
  assert.equal(examinePerson(found.person, known).person.documentNumber, "UTO-L898902C3");
  const elsewhere = examinePerson({ ...traveller, issuedBy: "CHN", documentNumber: "E12345678" }, known);
  assert.equal(elsewhere.person.documentNumber, "CHN-E12345678");
});

test("A foreigner's permanent residence number is read", () => {
  const residence = syntheticPermanentResidence({ nationality: "250", birthDate: born, sequence: 2 });
  const resident = {
    ...person,
    documentKind: "foreign-permanent-residence",
    documentNumber: residence,
    nationality: "FRA",
  } as const;
  assert.deepEqual(examinePerson(resident, known).errors, []);
});

test("A mobile number is checked and brought to one form", () => {
  assert.deepEqual(paths(examinePerson({ ...person, mobile: "12345" }, known).errors), ["mobile"]);
  assert.equal(examinePerson({ ...person, mobile: "+86 99000000001" }, known).person.mobile, "99000000001");
});
