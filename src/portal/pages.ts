import type { Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { homePage } from "./pages/home.ts";
import { languagePage } from "./pages/language.ts";
import { signInPages } from "./pages/sign-in.ts";

/** Everything that the public sees. */
export function portalPages(site: Site): readonly Page[] {
  return [homePage(site), languagePage, ...signInPages(site)];
}
