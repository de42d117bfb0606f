import { pinyin } from "pinyin-pro";
import { normaliseName } from "./name.ts";

/** Only the beginning decides an order that people can see. */
export const SORT_KEY_CHARACTERS_MAX = 24;

// Compound surnames whose reading differs from that of their characters one by one.
const COMPOUND_SURNAMES = new Set([
  "单于",
  "尉迟",
  "万俟",
  "长孙",
  "澹台",
  "令狐",
  "鲜于",
  "呼延",
  "宇文",
  "夏侯",
  "皇甫",
]);

// Readings of single characters, learned as they are met: as a surname and otherwise. Bounded by the characters there are.
const surnameReadings = new Map<string, string>();
const readings = new Map<string, string>();
const compoundReadings = new Map<string, string[]>();
/** Most names: characters of the first block, all of which count. */
const PLAIN_NAME = /^[\u4e00-\u9fff]+$/;

/**
 * The key by which names sort in dictionary order under the `C` collation: reading with tone, then code point, a character
 * at a time. A first character is read as a surname (曾 zēng, 单 shàn). Characters without a known reading come after the
 * others, in code point order.
 */
export function sortKey(name: string): string {
  const characters =
    PLAIN_NAME.test(name) && name.length <= SORT_KEY_CHARACTERS_MAX ? name.split("") : charactersOf(name);
  const first = characters.slice(0, 2).join("");
  const compound = COMPOUND_SURNAMES.has(first) ? compoundReading(first) : undefined;
  return characters
    .slice(0, SORT_KEY_CHARACTERS_MAX)
    .map((character, at) => part(character, compound?.[at] ?? reading(character, at === 0)))
    .join(" ");
}

function charactersOf(name: string): string[] {
  return [...normaliseName(name)].filter((character) => /[\p{L}\p{N}]/u.test(character));
}

function part(character: string, known: string): string {
  const codePoint = (character.codePointAt(0) ?? 0).toString(16).padStart(6, "0");
  return known === "" ? `~${codePoint}` : `${known}${codePoint}`;
}

function reading(character: string, asSurname: boolean): string {
  const known = asSurname ? surnameReadings : readings;
  let found = known.get(character);
  if (found === undefined) {
    found = learn(character, asSurname);
    known.set(character, found);
  }
  return found;
}

function learn(character: string, asSurname: boolean): string {
  if (/[\p{Script=Latin}\p{N}]/u.test(character))
    return character.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
  const [read] = readingsOf(character, asSurname);
  return read !== undefined && /^[a-z]+[0-5]$/.test(read) ? read : "";
}

function compoundReading(surname: string): string[] {
  let found = compoundReadings.get(surname);
  if (found === undefined) {
    found = readingsOf(surname, true);
    compoundReadings.set(surname, found);
  }
  return found;
}

function readingsOf(text: string, asSurname: boolean): string[] {
  return pinyin(text, { type: "array", toneType: "num", v: true, ...(asSurname ? { surname: "all" as const } : {}) });
}
