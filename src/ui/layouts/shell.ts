import { attributes, escapeHtml, type Html, html, NOTHING, trusted } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { assets } from "#ui/assets";
import { demonstrationBanner } from "#ui/components/demonstration-banner/demonstration-banner";
import { languageTag } from "#ui/components/language-switch/language-switch";
import { skipLink } from "#ui/components/skip-link/skip-link";

/**
 * The content policy that every page of ours keeps: no inline script, no inline style, nothing from elsewhere.
 * `data:` pictures are the tick of the rail and previews.
 */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export interface ShellOptions {
  readonly language: Language;
  readonly title: string;
  readonly siteName: string;
  /** One sentence for search engines and previews. */
  readonly description?: string | undefined;
  /** The title says so when the page shows errors, since it is what is heard first. */
  readonly hasErrors?: boolean | undefined;
  readonly demonstration: boolean;
  readonly bodyClass?: string | undefined;
  /** Header, main and footer. */
  readonly body: Html;
  /** Whether search engines may keep the page. Personal pages may not. */
  readonly indexed?: boolean | undefined;
}

const SKIP = text("跳到正文", "Skip to main content");
const ERROR = text("错误：", "Error: ");

/** A whole page. */
export function shell(options: ShellOptions): Html {
  const { language } = options;
  const title = `${options.hasErrors ? ERROR[language] : ""}${options.title} - ${options.siteName}`;
  const { stylesheet, enhance, mark } = assets();
  const description = options.description ? html`<meta name="description" content="${options.description}">` : NOTHING;
  const robots = options.indexed ? NOTHING : html`<meta name="robots" content="noindex">`;
  // An address of ours, not a value from elsewhere; the template refuses values near a script.
  const script = trusted(`<script type="module" src="${escapeHtml(enhance.path)}"></script>`);
  return html`<!DOCTYPE html>
<html lang="${languageTag(language)}" class="govuk-template"><head><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="theme-color" content="#0b6552">${description}${robots}<link rel="icon" href="${mark.path}" type="image/svg+xml"><link rel="stylesheet" href="${stylesheet.path}">${script}</head><body${attributes({ class: `govuk-template__body ${options.bodyClass ?? ""}`.trim() })}>${skipLink({ href: "#main", text: SKIP[language] })}${options.demonstration ? demonstrationBanner(language) : NOTHING}${options.body}</body></html>`;
}
