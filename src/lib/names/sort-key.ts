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

// Parts of keys by character, learned as they are met: as a surname and otherwise. Bounded by the characters there are.
const surnameParts = new Map<string, string>();
const parts = new Map<string, string>();
const compoundReadings = new Map<string, string[]>();
/** Most names: characters of the first block, all of which count. */
const PLAIN_NAME = /^[\u4e00-\u9fff]+$/;

/**
 * The key by which names sort in dictionary order under the `C` collation: reading with tone, then code point, a character
 * at a time. A first character is read as a surname (曾 zēng, 单 shàn). Characters without a known reading come after the
 * others, in code point order.
 */
export function sortKey(name: string): string {
  const isPlain = PLAIN_NAME.test(name) && name.length <= SORT_KEY_CHARACTERS_MAX;
  const characters = isPlain ? name : charactersOf(name).slice(0, SORT_KEY_CHARACTERS_MAX);
  const [one, other] = [characters[0] ?? "", characters[1] ?? ""];
  const compound = COMPOUND_SURNAMES.has(one + other) ? compoundReading(one + other) : undefined;
  let key = "";
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    const read = compound?.[at];
    const part = read === undefined ? learnedPart(character, at === 0) : partOf(character, read);
    key += at === 0 ? part : ` ${part}`;
  }
  return key;
}

function charactersOf(name: string): string[] {
  return [...normaliseName(name)].filter((character) => /[\p{L}\p{N}]/u.test(character));
}

function partOf(character: string, read: string): string {
  const codePoint = (character.codePointAt(0) ?? 0).toString(16).padStart(6, "0");
  return read === "" ? `~${codePoint}` : `${read}${codePoint}`;
}

function learnedPart(character: string, asSurname: boolean): string {
  const known = asSurname ? surnameParts : parts;
  let part = known.get(character);
  if (part === undefined) {
    part = partOf(character, learn(character, asSurname));
    known.set(character, part);
  }
  return part;
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
