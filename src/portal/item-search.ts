import type { Item } from "./item.ts";

/** Words shorter than this are found only as they are written. */
const TOLERANT_FROM_LETTERS = 4;
/** How much of a Chinese question must be met by an item that none of its words names. */
const SHARE_OF_PAIRS = 0.5;
const HAN = /\p{Script=Han}/u;

/**
 * Items for a question in either language, the nearest first. Tolerant: a question may be a sentence that holds a keyword
 * (我想开个小吃店), a part of one (小吃), or a word with one letter wrong (resturant).
 */
export function searchItems(items: readonly Item[], query: string): readonly Item[] {
  const asked = normalised(query);
  return items
    .map((item) => ({ item, score: scoreOf(item, asked) }))
    .filter(({ score }) => score > 0)
    .sort((first, second) => second.score - first.score)
    .map(({ item }) => item);
}

function scoreOf({ service }: Item, asked: string): number {
  const titles = [service.title.zh, service.title.en].map(normalised);
  const keywords = service.keywords.map(normalised);
  const summaries = [service.summary.zh, service.summary.en].map(normalised);
  return (
    10 * matches(titles, asked) +
    6 * matches(keywords, asked) +
    2 * Math.max(0, ...summaries.map((text) => met(text, asked)))
  );
}

/** How many of the texts the question names, or is a part of. */
function matches(texts: readonly string[], asked: string): number {
  return texts.filter((text) => text !== "" && (text.includes(asked) || asked.includes(text) || met(text, asked) > 0))
    .length;
}

function met(text: string, asked: string): number {
  if (text.includes(asked)) return 1;
  if (HAN.test(asked)) return sharedPairs(text, asked);
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  return asked.split(/[^\p{L}\p{N}]+/u).some((wanted) => words.some((word) => near(word, wanted))) ? 1 : 0;
}

function sharedPairs(text: string, asked: string): number {
  const pairs = pairsOf(asked);
  const shared = pairs.filter((pair) => text.includes(pair)).length;
  return pairs.length > 0 && shared / pairs.length >= SHARE_OF_PAIRS ? shared / pairs.length : 0;
}

function pairsOf(asked: string): readonly string[] {
  const characters = [...asked].filter((one) => HAN.test(one));
  return characters.slice(1).map((one, index) => `${characters[index]}${one}`);
}

/** The same word, its beginning, or one letter added, lost or changed. */
function near(word: string, wanted: string): boolean {
  if (wanted.length < TOLERANT_FROM_LETTERS) return word === wanted && wanted.length > 2;
  return (
    word.startsWith(wanted) ||
    (wanted.startsWith(word) && word.length >= TOLERANT_FROM_LETTERS) ||
    oneEdit(word, wanted)
  );
}

function oneEdit(word: string, wanted: string): boolean {
  if (Math.abs(word.length - wanted.length) > 1) return false;
  let head = 0;
  while (head < word.length && word[head] === wanted[head]) head += 1;
  let tail = 0;
  const shorter = Math.min(word.length, wanted.length);
  while (tail < shorter - head && word[word.length - 1 - tail] === wanted[wanted.length - 1 - tail]) tail += 1;
  return Math.max(word.length, wanted.length) - head - tail <= 1;
}

function normalised(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}
