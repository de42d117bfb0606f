import { defineSystem } from "#kernel/system/system";
import { trust } from "./contract.ts";
import { certificateChain } from "./operations/certificate-chain.ts";
import { decideCertificateRequest } from "./operations/decide-certificate-request.ts";
import { findCertificate } from "./operations/find-certificate.ts";
import { findCertificateRequest } from "./operations/find-certificate-request.ts";
import { handOverCertificate } from "./operations/hand-over-certificate.ts";
import { issueNodeCertificate } from "./operations/issue-node-certificate.ts";
import { listCertificateRequests } from "./operations/list-certificate-requests.ts";
import { listCertificates } from "./operations/list-certificates.ts";
import { logEarlierCertificates } from "./operations/log-earlier-certificates.ts";
import { recordCertificate } from "./operations/record-certificate.ts";
import { reinstateCertificate } from "./operations/reinstate-certificate.ts";
import { requestCertificate } from "./operations/request-certificate.ts";
import { revokeCertificate } from "./operations/revoke-certificate.ts";
import { revokedCertificates } from "./operations/revoked-certificates.ts";

export default defineSystem(trust, {
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    findCertificate,
    certificateChain,
    listCertificates,
    recordCertificate,
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
  },
});
