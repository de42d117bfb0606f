/**
 * How much nodes carry, computed from the figures that `npm run bench` measured, so that table and figures cannot differ
 * (docs/reference/capacity.md). What nobody measured is an assumption, and is named as one.
 */

/** What one place of a government asks; not measured, and different everywhere. */
const MESSAGES_A_HEAD_AND_DAY = 5;
const CASES_A_HEAD_AND_YEAR = 1;
/** Office hours, in which a day's work is done, and how much of what a machine can it is planned to do then. */
const HOURS_A_DAY = 8;
const PLANNED_LOAD = 0.5;
const WORKING_DAYS = 250;
const DAYS = 365;

interface Level {
  readonly name: string;
  readonly people: number;
  /** Nodes of its own and below it: a node a county, a city, a province. */
  readonly nodes: number;
}

const COUNTIES_A_CITY = 10;
const CITIES_A_PROVINCE = 10;
const PROVINCES = 28;
const COUNTY_PEOPLE = 500_000;
const CITY_NODES = 1 + COUNTIES_A_CITY;
const PROVINCE_NODES = 1 + CITIES_A_PROVINCE * CITY_NODES;
const LEVELS: readonly Level[] = [
  { name: "county", people: COUNTY_PEOPLE, nodes: 1 },
  { name: "city of ten counties", people: COUNTY_PEOPLE * COUNTIES_A_CITY, nodes: CITY_NODES },
  {
    name: "province of ten cities",
    people: COUNTY_PEOPLE * COUNTIES_A_CITY * CITIES_A_PROVINCE,
    nodes: PROVINCE_NODES,
  },
  {
    name: `country of ${PROVINCES} provinces`,
    people: COUNTY_PEOPLE * COUNTIES_A_CITY * CITIES_A_PROVINCE * PROVINCES,
    nodes: 1 + PROVINCES * PROVINCE_NODES,
  },
];

/** @param benchmarks docs/benchmarks.md */
export function capacityPage(benchmarks: string): string {
  const figure = (section: string, name: string) => measured(benchmarks, section, name);
  const callsASecond = figure("exchange", "signed calls, 300 clients");
  const callBytes = figure("exchange", "log growth per call and side, with indexes");
  const casesASecond = figure("case", "whole cases, 8 at a time");
  const actsASecond = figure("ledger", "acts with their entry, one transaction each");
  const eventsASecond = figure("events", "delivered: 1 publisher, 3 subscribers that pull");
  const seconds = HOURS_A_DAY * 3_600 * PLANNED_LOAD;
  const [callsADay, casesADay] = [callsASecond * seconds, casesASecond * seconds];
  const rows = LEVELS.map(({ name, people, nodes }) => {
    const messages = people * MESSAGES_A_HEAD_AND_DAY;
    const cases = (people * CASES_A_HEAD_AND_YEAR) / WORKING_DAYS;
    const machines = Math.ceil(messages / callsADay + cases / casesADay);
    const logBytes = messages * DAYS * callBytes;
    return [name, count(people), count(nodes), count(messages), count(cases), count(machines), bytes(logBytes)];
  });
  const table = [
    ["", "people", "nodes", "messages a day", "cases a working day", "machines of 2 cores", "log a year, each side"],
    Array.from({ length: 7 }, () => "---"),
    ...rows,
  ].map((row) => `| ${row.join(" | ")} |`);
  return `# How much nodes carry

Written by \`npx zhengtong contracts\` from [benchmarks.md](../benchmarks.md); a test holds the two together.

| measured on one machine of 2 cores, which had both nodes, database and load | |
| --- | --- |
| signed calls | ${count(callsASecond)} /s: ${count(callsADay)} in ${HOURS_A_DAY} hours at ${PLANNED_LOAD * 100} % load |
| whole licence cases | ${casesASecond} /s: ${count(casesADay)} in ${HOURS_A_DAY} hours at ${PLANNED_LOAD * 100} % load |
| acts with their entry in the ledger | ${count(actsASecond)} /s |
| events delivered | ${count(eventsASecond)} /s |
| log growth of one call, each side, with indexes, without bodies | ${count(callBytes)} B |

Assumed, and not measured: ${MESSAGES_A_HEAD_AND_DAY} messages between nodes a head and day, ${CASES_A_HEAD_AND_YEAR} case a head and year, all of a day's work in ${HOURS_A_DAY} hours,
a node for each county, city and province, ${WORKING_DAYS} working days. Put your own numbers in their place: everything below is proportional to them.

${table.join("\n")}

Machines are what the measured rates need, wherever the work is done: a province whose register answers for all its counties needs its share of them in that
one place. Files, and the contents of registers, come on top of the log. A country of one such node was not tried; its rows are these figures multiplied, and
say no more.
`;
}

/** @throws {RangeError} where benchmarks.md has no such figure any more */
function measured(benchmarks: string, section: string, name: string): number {
  const [, within = ""] = new RegExp(`^## ${section}$([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, "m").exec(benchmarks) ?? [];
  const row = within.split("\n").find((line) => line.startsWith(`| ${name} |`));
  const value = Number.parseFloat((row?.split("|")[2] ?? "").replaceAll(",", ""));
  if (Number.isFinite(value)) return value;
  throw new RangeError(`docs/benchmarks.md has no figure “${name}” in its section “${section}”`);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

function bytes(value: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return `${Number((value / 1_000 ** power).toPrecision(2))} ${UNITS[power]}`;
}
