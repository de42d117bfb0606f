import { type Citation, LICENSING_LAW } from "#kernel/contract/citation";
import { articleWords } from "#lib/language/article-words";
import { type Language, type Text, text } from "#lib/language/text";

/** `《行政许可法》第三十二条`, `Administrative Licensing Law, art. 32`. */
export function citationWords({ law, article }: Citation, language: Language): string {
  return language === "zh" ? `《${law.zh}》${article}` : `${law.en}, ${articleWords(article, "en")}`;
}

/** `行政许可法第四十二条` as procedures write it, in both languages: a law that the item does not cite keeps its Chinese name. */
export function writtenArticle(written: string, citations: readonly Citation[]): Text {
  const known = [LICENSING_LAW, ...citations.map(({ law }) => law)].find(({ zh }) => written.startsWith(zh));
  const [, law = "", article = ""] = /^(.+?)(第.+)$/.exec(written) ?? [];
  if (known) {
    const rest = written.slice(known.zh.length);
    return text(`《${known.zh}》${rest}`, `${known.en}, ${articleWords(rest, "en")}`);
  }
  return article === ""
    ? text(written, written)
    : text(`《${law}》${article}`, `${law}, ${articleWords(article, "en")}`);
}
