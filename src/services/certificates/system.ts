import { defineSystem } from "#kernel/system/system";
import { certificates } from "./contract.ts";
import { uses } from "./implement.ts";
import { certificatesOf } from "./operations/certificates-of.ts";
import { download } from "./operations/download.ts";
import { endCertificate } from "./operations/end-certificate.ts";
import { findCertificate } from "./operations/find-certificate.ts";
import { issueLicence } from "./operations/issue-licence.ts";
import { verifyDocument } from "./operations/verify-document.ts";
import { verifyNumber } from "./operations/verify-number.ts";

export default defineSystem(certificates, {
  uses,
  operations: {
    issueLicence,
    endCertificate,
    certificatesOf,
    findCertificate,
    download,
    verifyNumber,
    verifyDocument,
  },
});
