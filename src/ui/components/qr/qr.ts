import { type Html, html, NOTHING, trusted } from "#lib/html/html";
import type { Content } from "#ui/components/options";

export interface QrOptions {
  /** What the `qrcode` package drew: `<svg …>…</svg>`. */
  readonly svg: string;
  /** What a reader finds behind it, for those who cannot see it. */
  readonly alternative: string;
  readonly caption?: Content | undefined;
}

/** Only the elements and attributes that the `qrcode` package writes. */
const DRAWING = /^<svg [\w\s="/:.,#-]*>(<path [\w\s="/:.,#-]*\/>)*<\/svg>\s*$/;

export function qr({ svg, alternative, caption }: QrOptions): Html {
  if (!DRAWING.test(svg)) throw new TypeError("The QR code is not a drawing of paths");
  return html`<figure class="zt-qr"><div role="img" aria-label="${alternative}">${trusted(svg)}</div>${
    caption ? html`<figcaption>${caption}</figcaption>` : NOTHING
  }</figure>`;
}
