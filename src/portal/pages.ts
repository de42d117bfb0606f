import type { Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { aboutPages } from "./pages/about.ts";
import { accessPage } from "./pages/access.ts";
import { accountPage } from "./pages/account.ts";
import { applyPage } from "./pages/apply.ts";
import { authorizationsPage } from "./pages/authorizations.ts";
import { casePage } from "./pages/case.ts";
import { caseFilePages } from "./pages/case-files.ts";
import { caseMessagePage } from "./pages/case-message.ts";
import { catalogueDocumentPage, cataloguePage } from "./pages/catalogue.ts";
import { correctionPages } from "./pages/corrections.ts";
import { disclosurePages } from "./pages/disclosure.ts";
import { discardDraftPage } from "./pages/draft-discard.ts";
import { draftFactsPages } from "./pages/draft-facts.ts";
import { draftFormPage } from "./pages/draft-form.ts";
import { draftMaterialsPage } from "./pages/draft-materials.ts";
import { draftReviewPage, draftSignedPage } from "./pages/draft-review.ts";
import { emailPage } from "./pages/email.ts";
import { evidencePages } from "./pages/evidence.ts";
import { generatorPages } from "./pages/generator.ts";
import { homePage } from "./pages/home.ts";
import { interestPages } from "./pages/interests.ts";
import { languagePage } from "./pages/language.ts";
import { ledgerPage } from "./pages/ledger.ts";
import { licencePages } from "./pages/licences.ts";
import { messagesPage } from "./pages/messages.ts";
import { myPages } from "./pages/my.ts";
import { objectionPages } from "./pages/objections.ts";
import { onBehalfPage } from "./pages/on-behalf.ts";
import { passkeyPage } from "./pages/passkey.ts";
import { powersPage } from "./pages/powers.ts";
import { ratingPage } from "./pages/rating.ts";
import { receiptPages } from "./pages/receipts.ts";
import { receivedPage } from "./pages/received.ts";
import { recoveryCodesPage } from "./pages/recovery-codes.ts";
import { securityPage } from "./pages/security.ts";
import { servicePage } from "./pages/service.ts";
import { servicesPage } from "./pages/services.ts";
import { signInPages } from "./pages/sign-in.ts";
import { stepUpPage } from "./pages/step-up.ts";
import { systemsPage } from "./pages/systems.ts";
import { verifierPages } from "./pages/verifier.ts";
import { verifyPages } from "./pages/verify.ts";

/** Everything that the public sees. */
export function portalPages(site: Site): readonly Page[] {
  return [
    homePage(site),
    languagePage,
    ...signInPages(site),
    stepUpPage(site),
    securityPage(site),
    ...generatorPages(site),
    recoveryCodesPage(site),
    passkeyPage(site),
    servicesPage(site),
    servicePage(site),
    applyPage(site),
    ...draftFactsPages(site),
    draftFormPage(site),
    draftMaterialsPage(site),
    draftReviewPage(site),
    draftSignedPage(site),
    discardDraftPage(site),
    receivedPage(site),
    casePage(site),
    ...caseFilePages(site),
    caseMessagePage(site),
    ...interestPages(site),
    ...myPages(site),
    onBehalfPage(site),
    messagesPage(site),
    ...licencePages(site),
    accessPage(site),
    ...receiptPages(site),
    ...evidencePages(site),
    ...objectionPages(site),
    ...correctionPages(site),
    accountPage(site),
    authorizationsPage(site),
    powersPage(site),
    emailPage(site),
    systemsPage(site),
    ratingPage(site),
    ...verifyPages(site),
    ...verifierPages(site),
    ...disclosurePages(site),
    cataloguePage(site),
    catalogueDocumentPage(site),
    ledgerPage(site),
    ...aboutPages(site),
  ];
}
