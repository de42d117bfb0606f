import { type Html, html, NOTHING } from "#lib/html/html";
import { backLink } from "#ui/components/back-link/back-link";
import { type Breadcrumb, breadcrumbs } from "#ui/components/breadcrumbs/breadcrumbs";
import { type FootOptions, foot, type TopOptions, top } from "#ui/layouts/furniture";
import { type ShellOptions, shell } from "#ui/layouts/shell";

export interface PageOptions
  extends Omit<ShellOptions, "body" | "bodyClass">,
    Omit<TopOptions, "language" | "siteName"> {
  readonly footer: Omit<FootOptions, "language">;
  readonly breadcrumbs?: readonly Breadcrumb[] | undefined;
  /** One step back; instead of breadcrumbs, in a form of several pages. */
  readonly backHref?: string | undefined;
  readonly main: Html;
}

export interface PortalPageOptions extends PageOptions {
  /** Takes the whole width above the main part. */
  readonly hero?: Html | undefined;
}

/** What the public sees; 1080 px wide. */
export function portalPage(options: PortalPageOptions): Html {
  const body = html`${top(options)}${options.hero ? withHero(options.hero, options.main) : mainPart(options)}${foot({ ...options.footer, language: options.language })}`;
  return shell({ ...options, body });
}

/** The way here, then the main part. */
export function mainPart(options: PageOptions): Html {
  return html`<div class="zt-container"><div class="zt-way">${way(options)}</div><main class="zt-main" id="main" tabindex="-1">${options.main}</main></div>`;
}

function way({ breadcrumbs: items, backHref, language }: PageOptions): Html {
  if (backHref !== undefined) return backLink({ href: backHref, language });
  return items?.length ? breadcrumbs({ items, language }) : NOTHING;
}

/** The hero belongs to the main part: it holds the page's heading. */
function withHero(hero: Html, main: Html): Html {
  return html`<main id="main" tabindex="-1">${hero}<div class="zt-container zt-main">${main}</div></main>`;
}
