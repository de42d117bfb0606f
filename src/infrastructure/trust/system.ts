import { defineSystem } from "#kernel/system/system";
import { trust } from "./contract.ts";
import { acmeNames } from "./operations/acme-names.ts";
import { certificateChain } from "./operations/certificate-chain.ts";
import { changeAcmeAccount } from "./operations/change-acme-account.ts";
import { countKeys } from "./operations/count-keys.ts";
import {
  dataKeyHistory,
  endSuspension,
  listDataKeys,
  noteCleared,
  rotateDataKey,
  turnDataKeys,
} from "./operations/data-keys.ts";
import { decideAcmeBinding } from "./operations/decide-acme-binding.ts";
import { decideCertificateRequest } from "./operations/decide-certificate-request.ts";
import { endAcmeBinding } from "./operations/end-acme-binding.ts";
import { findCertificate } from "./operations/find-certificate.ts";
import { findCertificateRequest } from "./operations/find-certificate-request.ts";
import { handOverCertificate } from "./operations/hand-over-certificate.ts";
import { issueNodeCertificate } from "./operations/issue-node-certificate.ts";
import { judgeSealCertificate } from "./operations/judge-seal-certificate.ts";
import { decideKeyEnd, proposeKeyEnd } from "./operations/key-ends.ts";
import { listAcmeBindings } from "./operations/list-acme-bindings.ts";
import { listCertificateRequests } from "./operations/list-certificate-requests.ts";
import { listCertificates } from "./operations/list-certificates.ts";
import { logEarlierCertificates } from "./operations/log-earlier-certificates.ts";
import { decideLogKeyChange, logKey, proposeLogKeyChange } from "./operations/log-key.ts";
import { openAcmeAccount } from "./operations/open-acme-account.ts";
import { proposeAcmeBinding } from "./operations/propose-acme-binding.ts";
import { recordCertificate } from "./operations/record-certificate.ts";
import { reinstateCertificate } from "./operations/reinstate-certificate.ts";
import { requestCertificate } from "./operations/request-certificate.ts";
import { revokeAsHolder, revokeLostCertificates } from "./operations/revoke-as-holder.ts";
import { revokeCertificate } from "./operations/revoke-certificate.ts";
import { revokedCertificates } from "./operations/revoked-certificates.ts";
import { decideSigningKeyCompromise, proposeSigningKeyCompromise } from "./operations/signing-key-ends.ts";
import { listSigningKeys, noteSigningKeys } from "./operations/signing-keys.ts";
import { takeAcmeKey } from "./operations/take-acme-key.ts";

export default defineSystem(trust, {
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    listSigningKeys,
    countKeys,
    noteSigningKeys,
    proposeSigningKeyCompromise,
    decideSigningKeyCompromise,
    logKey,
    proposeLogKeyChange,
    decideLogKeyChange,
    listDataKeys,
    dataKeyHistory,
    rotateDataKey,
    turnDataKeys,
    noteCleared,
    endSuspension,
    proposeKeyEnd,
    decideKeyEnd,
    findCertificate,
    certificateChain,
    listCertificates,
    recordCertificate,
    judgeSealCertificate,
    logEarlierCertificates,
    revokeCertificate,
    reinstateCertificate,
    revokedCertificates,
    requestCertificate,
    listCertificateRequests,
    issueNodeCertificate,
    handOverCertificate,
    findCertificateRequest,
    decideCertificateRequest,
    proposeAcmeBinding,
    decideAcmeBinding,
    takeAcmeKey,
    endAcmeBinding,
    listAcmeBindings,
    acmeNames,
    openAcmeAccount,
    changeAcmeAccount,
    revokeAsHolder,
    revokeLostCertificates,
  },
});
