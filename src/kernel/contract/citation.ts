import { type Text, text } from "#lib/language/text";

/** A law, regulation or standard, and the place in it. */
export interface Citation {
  readonly law: Text;
  /** As the law counts: `第三十二条`. */
  readonly article: string;
}

/** Cites an article: `cite(LICENSING_LAW, "第三十二条")`. */
export function cite(law: Text, article: string): Citation {
  return Object.freeze({ law, article });
}

/** `《行政许可法》第三十二条`, `Administrative Licensing Law, 第三十二条`. */
export function citationText(citation: Citation): Text {
  return text(`《${citation.law.zh}》${citation.article}`, `${citation.law.en}, ${citation.article}`);
}

/** 中华人民共和国行政许可法 (2003, amended 2019). */
export const LICENSING_LAW = text("行政许可法", "Administrative Licensing Law");
/** 中华人民共和国个人信息保护法 (2021). */
export const PERSONAL_INFORMATION_LAW = text("个人信息保护法", "Personal Information Protection Law");
/** 中华人民共和国食品安全法 (2015, amended 2018, 2021, 2025). */
export const FOOD_SAFETY_LAW = text("食品安全法", "Food Safety Law");
/** 食品经营许可和备案管理办法 (2023, State Administration for Market Regulation order 78). */
export const FOOD_LICENSING_MEASURES = text(
  "食品经营许可和备案管理办法",
  "Measures for the Administration of Food Business Licensing and Filing",
);
