import type { Citation } from "#kernel/contract/citation";
import { articleWords } from "#lib/language/article-words";
import type { Language } from "#lib/language/text";

/** `《行政许可法》第三十二条`, `Administrative Licensing Law, art. 32`. */
export function citationWords({ law, article }: Citation, language: Language): string {
  return language === "zh" ? `《${law.zh}》${article}` : `${law.en}, ${articleWords(article, "en")}`;
}
