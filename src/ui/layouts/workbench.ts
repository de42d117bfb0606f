import { type Html, html } from "#lib/html/html";
import { foot, top } from "#ui/layouts/furniture";
import { mainPart, type PageOptions } from "#ui/layouts/portal";
import { shell } from "#ui/layouts/shell";

/** What officials see; 1280 px wide. */
export function workbenchPage(options: PageOptions): Html {
  const body = html`${top(options)}${mainPart(options)}${foot({ ...options.footer, language: options.language })}`;
  return shell({ ...options, bodyClass: "zt-workbench", indexed: false, body });
}
