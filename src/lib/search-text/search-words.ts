/** What is indexed of one text, and what one query may ask for. */
export const SEARCH_TEXT_LENGTH_MAX = 100_000;
export const SEARCH_QUERY_LENGTH_MAX = 200;
export const SEARCH_QUERY_WORDS_MAX = 16;

const segmenter = new Intl.Segmenter("zh-Hans-CN", { granularity: "word" });
const HAN = /^\p{Script=Han}/u;

/**
 * The words of a text for `array_to_tsvector`. Longer Chinese words give their bigrams too, because the same characters may be
 * cut differently in a query (许可证 is found by 许可).
 */
export function searchWords(text: string): string[] {
  const words = new Set<string>();
  for (const word of wordsOf(text.slice(0, SEARCH_TEXT_LENGTH_MAX))) {
    words.add(word);
    const characters = [...word];
    if (HAN.test(word) && characters.length > 2) {
      for (let at = 1; at < characters.length; at++) words.add(`${characters[at - 1]}${characters[at]}`);
    }
  }
  return [...words];
}

/** The words that a text must all have; a single Chinese character inside a longer query is left out. */
export function searchQueryWords(query: string): string[] {
  const words = [...new Set(wordsOf(query.slice(0, SEARCH_QUERY_LENGTH_MAX)))];
  const telling = words.filter((word) => !(HAN.test(word) && [...word].length === 1));
  return (telling.length > 0 ? telling : words).slice(0, SEARCH_QUERY_WORDS_MAX);
}

function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const part of segmenter.segment(text.normalize("NFKC").toLowerCase())) {
    if (part.isWordLike === true) words.push(part.segment);
  }
  return words;
}
