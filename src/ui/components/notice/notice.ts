import { type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import type { Content } from "#ui/components/options";
import { formatDate } from "#ui/format";

export interface NoticeOptions {
  readonly language: Language;
  readonly authority: string;
  /** 行政许可受理通知书 */
  readonly title: string;
  /** 清市监许受〔2026〕4217 号 */
  readonly number: string;
  readonly addressee: string;
  readonly paragraphs: readonly Content[];
  readonly date: Temporal.PlainDate;
  /** What stands under the signature: remedies, enclosures, delivery. */
  readonly footer?: Content | undefined;
  readonly qr?: Html | undefined;
  /** On a demonstration node 样本 stands across the page. */
  readonly sample: boolean;
}

const SAMPLE = text("样本", "SAMPLE");
const NO_EFFECT = text("样本，不具法律效力", "Sample, without legal effect");

/** A document on paper, as it will print. */
export function notice(options: NoticeOptions): Html {
  const { language } = options;
  const sample = options.sample
    ? html`<p class="zt-notice__sample" data-word="${SAMPLE[language]}">${NO_EFFECT[language]}</p>`
    : NOTHING;
  const colon = language === "zh" ? "：" : ":";
  return html`<article class="zt-notice">${sample}<p class="zt-notice__authority">${options.authority}</p><h2 class="zt-notice__title">${options.title}</h2><p class="zt-notice__number">${options.number}</p><p class="zt-notice__addressee">${options.addressee}${colon}</p>${options.paragraphs.map(
    (paragraph) => html`<p class="zt-notice__paragraph">${paragraph}</p>`,
  )}<div class="zt-notice__end">${options.qr ?? NOTHING}<p class="zt-notice__signature">${options.authority}<br>${formatDate(options.date, language, { year: true })}</p></div>${
    options.footer ? html`<div class="zt-notice__footer">${options.footer}</div>` : NOTHING
  }</article>`;
}
