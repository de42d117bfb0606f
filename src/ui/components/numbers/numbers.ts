import { type Html, html } from "#lib/html/html";
import type { Content } from "#ui/components/options";

export interface NumberShown {
  readonly value: Content;
  /** What it counts, and against what: 本月平均办结（法定 20 天） */
  readonly text: Content;
}

/** A strip of figures. Each is measured; none is a slogan. */
export function numbers(list: readonly NumberShown[]): Html {
  return html`<dl class="zt-numbers">${list.map((one) => html`<div><dt>${one.text}</dt><dd>${one.value}</dd></div>`)}</dl>`;
}
