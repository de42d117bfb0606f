import { defineSystem } from "#kernel/system/system";
import { trust } from "./contract.ts";
import { certificateChain } from "./operations/certificate-chain.ts";
import { findCertificate } from "./operations/find-certificate.ts";
import { listCertificates } from "./operations/list-certificates.ts";
import { recordCertificate } from "./operations/record-certificate.ts";
import { reinstateCertificate } from "./operations/reinstate-certificate.ts";
import { revokeCertificate } from "./operations/revoke-certificate.ts";
import { revokedCertificates } from "./operations/revoked-certificates.ts";

export default defineSystem(trust, {
  operations: {
    findCertificate,
    certificateChain,
    listCertificates,
    recordCertificate,
    revokeCertificate,
    reinstateCertificate,
    revokedCertificates,
  },
});
