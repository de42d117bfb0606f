import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import type { Content } from "#ui/components/options";
import { formatNumber } from "#ui/format";

/** What proves a receipt: sentences that anyone understands first, then what a machine compares. */
export interface ReceiptProof {
  readonly claims: readonly Content[];
  readonly hashes: readonly { readonly label: string; readonly value: string }[];
}

export interface ReceiptOptions {
  readonly language: Language;
  /** The entry's index in the ledger. */
  readonly index: number | bigint;
  /** The receipt's own page, where it is verified. */
  readonly href: string;
  /** With a proof the chip opens in place; without, it is a link. */
  readonly proof?: ReceiptProof | undefined;
}

const RECEIPT = text("凭证 {index}", "Receipt {index}");
const RECORDED = text("已存证，可核验", "On the record, verifiable");
const VERIFY = text("核验或下载这份凭证", "Verify or download this receipt");
const FOR_MACHINES = text("哈希值", "Hashes");

/** The small chip that stands wherever something was recorded. */
export function receipt(options: ReceiptOptions): Html {
  const { language, href, proof } = options;
  const name = fill(RECEIPT, { index: formatNumber(options.index) })[language];
  if (!proof) return html`<a class="zt-receipt" href="${href}" title="${RECORDED[language]}">${name}</a>`;
  const hashes = proof.hashes.length
    ? html`<details class="zt-receipt__hashes"><summary>${FOR_MACHINES[language]}</summary><dl>${proof.hashes.map(
        (hash) => html`<dt>${hash.label}</dt><dd>${hash.value}</dd>`,
      )}</dl></details>`
    : NOTHING;
  return html`<details class="zt-receipt-open"><summary class="zt-receipt">${name}</summary><div class="zt-receipt__proof"><ul>${proof.claims.map(
    (claim) => html`<li>${claim}</li>`,
  )}</ul>${hashes}<p><a href="${href}">${VERIFY[language]}</a></p></div></details>`;
}
