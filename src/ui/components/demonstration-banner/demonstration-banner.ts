import { type Html, html } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";

const WORDS = text(
  "演示节点 · 数据均为虚构，证照不具法律效力",
  "Demonstration: all data is invented; licences have no legal effect",
);

/** Demonstration data says so on every page (design, section 7). */
export function demonstrationBanner(language: Language): Html {
  return html`<div class="zt-demonstration"><p class="zt-container">${WORDS[language]}</p></div>`;
}
