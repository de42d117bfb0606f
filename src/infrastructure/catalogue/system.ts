import { defineSystem } from "#kernel/system/system";
import { catalogue } from "./contract.ts";
import { uses } from "./implement.ts";
import { acceptCoordination } from "./operations/accept-coordination.ts";
import { acceptSettlement } from "./operations/accept-settlement.ts";
import { acknowledgeNotice } from "./operations/acknowledge-notice.ts";
import { answerCorrection } from "./operations/answer-correction.ts";
import { answerGrantEnd } from "./operations/answer-grant-end.ts";
import { appealDispute } from "./operations/appeal-dispute.ts";
import { askCompletion } from "./operations/ask-completion.ts";
import { askExtension } from "./operations/ask-extension.ts";
import { checkGrant } from "./operations/check-grant.ts";
import { completeRequest } from "./operations/complete-request.ts";
import { confirmFlow } from "./operations/confirm-flow.ts";
import { consentRequest } from "./operations/consent-request.ts";
import { coordinateDispute } from "./operations/coordinate-dispute.ts";
import { correctionNotices } from "./operations/correction-notices.ts";
import { decideDispute } from "./operations/decide-dispute.ts";
import { decideExtension } from "./operations/decide-extension.ts";
import { describeResource } from "./operations/describe-resource.ts";
import { fileCorrection } from "./operations/file-correction.ts";
import { fileGrantEnd } from "./operations/file-grant-end.ts";
import { findGrant } from "./operations/find-grant.ts";
import { findMatter } from "./operations/find-matter.ts";
import { findResource } from "./operations/find-resource.ts";
import { giveUpGrant } from "./operations/give-up-grant.ts";
import { keepGrant } from "./operations/keep-grant.ts";
import { listAsked } from "./operations/list-asked.ts";
import { listMatters } from "./operations/list-matters.ts";
import { listResources } from "./operations/list-resources.ts";
import { noteAsked } from "./operations/note-asked.ts";
import { offerSettlement } from "./operations/offer-settlement.ts";
import { proposeGrantEnd } from "./operations/propose-grant-end.ts";
import { publicEntries } from "./operations/public-entries.ts";
import { raiseDispute } from "./operations/raise-dispute.ts";
import { recordUse } from "./operations/record-use.ts";
import { referDispute } from "./operations/refer-dispute.ts";
import { refuseRequest } from "./operations/refuse-request.ts";
import { requestData } from "./operations/request-data.ts";
import { resumeGrant } from "./operations/resume-grant.ts";
import { reviewEntry } from "./operations/review-entry.ts";
import { suspendGrant } from "./operations/suspend-grant.ts";
import { tendSharing } from "./operations/tend-sharing.ts";
import { usesOfGrant } from "./operations/uses-of-grant.ts";
import { withdrawCorrection } from "./operations/withdraw-correction.ts";
import { withdrawDispute } from "./operations/withdraw-dispute.ts";
import { withdrawRequest } from "./operations/withdraw-request.ts";

export default defineSystem(catalogue, {
  uses,
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    acceptCoordination,
    acceptSettlement,
    acknowledgeNotice,
    answerCorrection,
    answerGrantEnd,
    appealDispute,
    askCompletion,
    askExtension,
    checkGrant,
    completeRequest,
    confirmFlow,
    consentRequest,
    coordinateDispute,
    correctionNotices,
    decideDispute,
    decideExtension,
    describeResource,
    fileCorrection,
    fileGrantEnd,
    findGrant,
    findMatter,
    findResource,
    giveUpGrant,
    keepGrant,
    listAsked,
    listMatters,
    listResources,
    noteAsked,
    offerSettlement,
    proposeGrantEnd,
    publicEntries,
    raiseDispute,
    recordUse,
    referDispute,
    refuseRequest,
    requestData,
    resumeGrant,
    reviewEntry,
    suspendGrant,
    tendSharing,
    usesOfGrant,
    withdrawCorrection,
    withdrawDispute,
    withdrawRequest,
  },
});
