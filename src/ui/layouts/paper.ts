import { type Html, html, NOTHING } from "#lib/html/html";
import { backLink } from "#ui/components/back-link/back-link";
import { type ShellOptions, shell } from "#ui/layouts/shell";

export interface PaperPageOptions extends Omit<ShellOptions, "body" | "bodyClass" | "indexed"> {
  readonly backHref?: string | undefined;
  /** Notices, one after the other. */
  readonly documents: readonly Html[];
  /** Download links and the like; not printed. */
  readonly actions?: Html | undefined;
}

/** A document as it will print: nothing else stands on the paper. */
export function paperPage(options: PaperPageOptions): Html {
  const back =
    options.backHref === undefined ? NOTHING : backLink({ href: options.backHref, language: options.language });
  const actions = options.actions ? html`<div class="zt-actions">${options.actions}</div>` : NOTHING;
  const body = html`<div class="zt-container"><main class="zt-main" id="main" tabindex="-1">${back}<h1 class="govuk-visually-hidden">${options.title}</h1>${options.documents}${actions}</main></div>`;
  return shell({ ...options, bodyClass: "zt-paper", indexed: false, body });
}
