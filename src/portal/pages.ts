import type { Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { applyPage } from "./pages/apply.ts";
import { casePage } from "./pages/case.ts";
import { caseFilePages } from "./pages/case-files.ts";
import { caseMessagePage } from "./pages/case-message.ts";
import { draftFactsPages } from "./pages/draft-facts.ts";
import { draftFormPage } from "./pages/draft-form.ts";
import { draftMaterialsPage } from "./pages/draft-materials.ts";
import { draftReviewPage } from "./pages/draft-review.ts";
import { homePage } from "./pages/home.ts";
import { languagePage } from "./pages/language.ts";
import { myPages } from "./pages/my.ts";
import { onBehalfPage } from "./pages/on-behalf.ts";
import { receivedPage } from "./pages/received.ts";
import { servicePage } from "./pages/service.ts";
import { servicesPage } from "./pages/services.ts";
import { signInPages } from "./pages/sign-in.ts";

/** Everything that the public sees. */
export function portalPages(site: Site): readonly Page[] {
  return [
    homePage(site),
    languagePage,
    ...signInPages(site),
    servicesPage(site),
    servicePage(site),
    applyPage(site),
    ...draftFactsPages(site),
    draftFormPage(site),
    draftMaterialsPage(site),
    draftReviewPage(site),
    receivedPage(site),
    casePage(site),
    ...caseFilePages(site),
    caseMessagePage(site),
    ...myPages(site),
    onBehalfPage(site),
  ];
}
