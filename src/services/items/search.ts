import type { Service } from "#kernel/contract/contract";
import { syllables } from "#lib/names/syllables";
import { searchQueryWords, searchWords } from "#lib/search-text/search-words";

/** What a question is compared with, and what meeting it there is worth: what an item is called, what people call it, what is said of it. */
const TITLE_WORTH = 10;
const KEYWORD_WORTH = 6;
const SUMMARY_WORTH = 2;
/** Words shorter than this are found only as they are written. */
const TOLERANT_FROM_LETTERS = 4;
/** Letters of a reading (shipin), of initials (spj) or of a part of a word that tell something. */
const READING_LETTERS_MIN = 4;
const LETTERS_MIN = 3;
/** How much of what is said of an item the words of a question must meet, where neither its title nor its keywords do. */
const SHARE_OF_WORDS = 0.5;
const HAN = /\p{Script=Han}/u;

interface SearchableText {
  readonly text: string;
  readonly words: ReadonlySet<string>;
  readonly syllables: readonly string[];
}

/** One item, ready to be compared with questions. */
export interface Searchable {
  readonly titles: readonly SearchableText[];
  readonly keywords: readonly SearchableText[];
  readonly summaries: readonly SearchableText[];
}

export function searchable({ title, summary, keywords }: Pick<Service, "title" | "summary" | "keywords">): Searchable {
  return {
    titles: [title.zh, title.en].map(prepared),
    keywords: keywords.map(prepared),
    summaries: [summary.zh, summary.en].map(prepared),
  };
}

function prepared(written: string): SearchableText {
  const text = normalised(written);
  return { text, words: new Set(searchWords(text)), syllables: syllables(text) };
}

/** A question, taken apart once. */
export interface Asked {
  readonly text: string;
  readonly words: readonly string[];
  readonly chinese: boolean;
  /** Its letters alone, where it may be pinyin. */
  readonly reading: string | undefined;
}

export function asked(query: string): Asked {
  const text = normalised(query);
  const letters = text.replaceAll(/[\s']/g, "").replaceAll("ü", "v");
  return {
    text,
    words: searchQueryWords(text),
    chinese: HAN.test(text),
    reading: /^[a-z]+$/.test(letters) ? letters : undefined,
  };
}

/**
 * How near an item is to a question in either language; 0: it is not meant. Tolerant: a question may be a sentence that holds a
 * keyword (我想开个小吃店), a part of one (小吃), a word with one letter wrong (resturant), pinyin (xiaochi) or initials (spjyxk).
 */
export function nearness({ titles, keywords, summaries }: Searchable, question: Asked): number {
  if (question.text === "") return 0;
  const named = (texts: readonly SearchableText[]) => texts.filter((one) => names(one, question)).length;
  return (
    TITLE_WORTH * named(titles) +
    KEYWORD_WORTH * named(keywords) +
    SUMMARY_WORTH * Math.max(0, ...summaries.map((one) => met(one, question)))
  );
}

/** Whether a question names this, is a part of it, or says it in letters. */
function names(one: SearchableText, question: Asked): boolean {
  if (one.text === "") return false;
  return (
    holds(one, question) || question.text.includes(one.text) || met(one, question) > 0 || reads(one, question.reading)
  );
}

/** How much of a question a text meets, from 0 to 1. */
function met(one: SearchableText, question: Asked): number {
  if (holds(one, question)) return 1;
  const { words, chinese } = question;
  if (!chinese) return words.some((wanted) => [...one.words].some((word) => near(word, wanted))) ? 1 : 0;
  // A word of a question that a dictionary cuts differently (小吃店铺) still shares its pairs of characters.
  const pieces = words.flatMap((word) => (HAN.test(word) ? pairsOf(word) : [word]));
  const shared = pieces.filter((piece) => one.words.has(piece) || one.text.includes(piece)).length;
  return pieces.length > 0 && shared / pieces.length >= SHARE_OF_WORDS ? shared / pieces.length : 0;
}

/** A few letters are a part of too many words. */
function holds(one: SearchableText, { text, chinese }: Asked): boolean {
  return chinese || text.length >= LETTERS_MIN ? one.text.includes(text) : one.words.has(text);
}

function pairsOf(word: string): readonly string[] {
  const characters = [...word];
  if (characters.length < 2) return [word];
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

/** Whether letters are the readings of successive characters, from the beginning of one, or their initials. */
function reads({ syllables: heard }: SearchableText, reading: string | undefined): boolean {
  if (reading === undefined || heard.length === 0) return false;
  const initials = heard.map((syllable) => syllable.charAt(0)).join("");
  if (reading.length >= LETTERS_MIN && initials.includes(reading)) return true;
  if (reading.length < READING_LETTERS_MIN) return false;
  return heard.some((_, from) => heard.slice(from).join("").startsWith(reading));
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
