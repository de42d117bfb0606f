import { text } from "#lib/language/text";

/**
 * Qingyuan (清源县) is invented. Its division code and every number in it begin with 99, a prefix that GB/T 2260 does not assign, so that
 * nothing here can belong to a living person.
 */
export const COUNTY = "990101";
export const COUNTY_NAME = text("清源县", "Qingyuan County");
/** What follows the prefix 99 in numbers that were given in this county. */
export const COUNTY_DIGITS = "0101";
/** Where those come from who moved in: further invented counties. */
export const OTHER_COUNTY_DIGITS = ["0102", "0103"] as const;
/** The day for which ages, statuses and dates are made. */
export const REFERENCE_DAY = Temporal.PlainDate.from("2026-01-01");

export const DIVISIONS: readonly { readonly code: string; readonly name: string }[] = [
  { code: "99", name: "演示省" },
  { code: "9901", name: "演示市" },
  { code: COUNTY, name: COUNTY_NAME.zh },
  { code: "990102", name: "澄江县" },
  { code: "990103", name: "云台县" },
  { code: "990101001", name: "清源街道" },
  { code: "990101002", name: "湖滨街道" },
  { code: "990101100", name: "竹溪镇" },
  { code: "990101101", name: "柳河镇" },
  { code: "990101102", name: "石桥镇" },
  { code: "990101200", name: "云岭乡" },
];

interface Town {
  readonly code: string;
  readonly name: string;
  /** How many of a hundred live there. */
  readonly share: number;
  readonly streets: readonly string[];
  readonly villages: readonly string[];
}

export const TOWNS: readonly Town[] = [
  {
    code: "990101001",
    name: "清源街道",
    share: 34,
    streets: ["清源大街", "文昌路", "桂花巷", "县前街", "朝阳路", "仓前街"],
    villages: [],
  },
  {
    code: "990101002",
    name: "湖滨街道",
    share: 24,
    streets: ["湖滨路", "望湖街", "翠竹路", "荷塘巷", "滨河东路"],
    villages: [],
  },
  { code: "990101100", name: "竹溪镇", share: 14, streets: ["竹溪街"], villages: ["上竹村", "下竹村", "桃花坞村"] },
  { code: "990101101", name: "柳河镇", share: 12, streets: ["柳河街"], villages: ["柳湾村", "东渡村", "麦坪村"] },
  { code: "990101102", name: "石桥镇", share: 10, streets: ["石桥街"], villages: ["石桥村", "青石岭村"] },
  { code: "990101200", name: "云岭乡", share: 6, streets: [], villages: ["云上村", "松林村"] },
];
