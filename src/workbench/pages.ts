import type { Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { accessPages } from "./pages/access.ts";
import { accessChangePages } from "./pages/access-changes.ts";
import { accessProposePages } from "./pages/access-propose.ts";
import { accessWhyPage } from "./pages/access-why.ts";
import { accountPages } from "./pages/account.ts";
import { accountEmailPage } from "./pages/account-email.ts";
import { acmePages } from "./pages/acme.ts";
import { casePages } from "./pages/case.ts";
import { archivePage } from "./pages/case-archive.ts";
import { overseenCasesPage } from "./pages/cases.ts";
import { cataloguePage } from "./pages/catalogue.ts";
import { catalogueResourcePages } from "./pages/catalogue-resource.ts";
import { certificateRequestPages } from "./pages/certificate-requests.ts";
import { certificatesPage } from "./pages/certificates.ts";
import { clientPages } from "./pages/clients.ts";
import { counterPages } from "./pages/counter.ts";
import { counterDraftPages } from "./pages/counter-draft.ts";
import { datasetsPage } from "./pages/datasets.ts";
import { datasetsFormPages } from "./pages/datasets-forms.ts";
import { directoryPages } from "./pages/directory.ts";
import { eventsPage } from "./pages/events.ts";
import { evidencePages } from "./pages/evidence.ts";
import { exchangeWatchPage } from "./pages/exchange-watch.ts";
import { exchangeLogPage } from "./pages/exchange-watch-log.ts";
import { ferryPages } from "./pages/ferry.ts";
import { ferryPackagePages } from "./pages/ferry-packages.ts";
import { keysPage } from "./pages/keys.ts";
import { leavePages } from "./pages/leave.ts";
import { ledgerPages } from "./pages/ledger.ts";
import { ledgerExportPage } from "./pages/ledger-export.ts";
import { samplePages } from "./pages/ledger-sample.ts";
import { myTasksPage } from "./pages/my-tasks.ts";
import { nodePages } from "./pages/nodes.ts";
import { objectionPages } from "./pages/objections.ts";
import { operationPages } from "./pages/operations.ts";
import { partyPages } from "./pages/parties.ts";
import { partyRecordPages } from "./pages/party-records.ts";
import { powerPages } from "./pages/powers.ts";
import { queuePage } from "./pages/queue.ts";
import { registerPages } from "./pages/registers.ts";
import { sealingPages } from "./pages/sealings.ts";
import { sharingPage } from "./pages/sharing.ts";
import { sharingMatterPages } from "./pages/sharing-matter.ts";
import { sharingNewPage } from "./pages/sharing-new.ts";
import { sharingNoticesPage } from "./pages/sharing-notices.ts";
import { stoppedPage } from "./pages/stopped.ts";
import { systemPages } from "./pages/systems.ts";
import { systemProposalPages } from "./pages/systems-propose.ts";
import { taskPages } from "./pages/task.ts";
import { taskActionPages } from "./pages/task-actions.ts";
import { togetherPage } from "./pages/together.ts";
import { alsoElsewhere } from "./sharing/place.ts";

/** Everything that officials see. */
export function workbenchPages(site: Site): readonly Page[] {
  return [
    myTasksPage(site),
    ...taskPages(site),
    ...taskActionPages(site),
    togetherPage(site),
    overseenCasesPage(site),
    ...casePages(site),
    ...partyPages(site),
    ...partyRecordPages(site),
    ledgerExportPage(site),
    ...ledgerPages(site),
    ...samplePages(site),
    archivePage(site),
    ...evidencePages(site),
    ...counterPages(site),
    ...counterDraftPages(site),
    queuePage(site),
    ...accountPages(site),
    accountEmailPage(site),
    ...leavePages(site),
    ...directoryPages(site),
    ...accessChangePages(site),
    ...accessProposePages(site),
    ...accessPages(site),
    accessWhyPage(site),
    ...clientPages(site),
    ...acmePages(site),
    ...systemProposalPages(site),
    ...systemPages(site),
    datasetsPage(site),
    ...datasetsFormPages(site),
    certificatesPage(site),
    ...certificateRequestPages(site),
    keysPage(site),
    exchangeWatchPage(site),
    exchangeLogPage(site),
    ...ferryPages(site),
    ...ferryPackagePages(site),
    ...nodePages(site),
    eventsPage(site),
    stoppedPage(site),
    ...objectionPages(site),
    ...powerPages(site),
    ...sealingPages(site),
    ...operationPages(site),
    ...registerPages(site),
    ...alsoElsewhere(site, [
      cataloguePage(site),
      ...catalogueResourcePages(site),
      sharingPage(site),
      sharingNewPage(site),
      sharingNoticesPage(site),
      ...sharingMatterPages(site),
    ]),
  ];
}
