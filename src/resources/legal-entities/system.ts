import { defineSystem } from "#kernel/system/system";
import { legalEntities } from "./contract.ts";
import { uses } from "./implement.ts";
import { authorizeAgent } from "./operations/authorize-agent.ts";
import { correctOrganization } from "./operations/correct-organization.ts";
import { decideCorrection } from "./operations/decide-correction.ts";
import { endOrganization } from "./operations/end-organization.ts";
import { findByCode } from "./operations/find-by-code.ts";
import { findOrganization } from "./operations/find-organization.ts";
import { findOrganizationForCase } from "./operations/find-organization-for-case.ts";
import { grantAuthorization } from "./operations/grant-authorization.ts";
import { listAuthorizations } from "./operations/list-authorizations.ts";
import { listCorrectionRequests } from "./operations/list-correction-requests.ts";
import { organizationsOf } from "./operations/organizations-of.ts";
import { ownCorrectionRequests } from "./operations/own-correction-requests.ts";
import { registerOrganization } from "./operations/register-organization.ts";
import { reportWrong } from "./operations/report-wrong.ts";
import { representation } from "./operations/representation.ts";
import { revokeAuthorization } from "./operations/revoke-authorization.ts";
import { searchByName } from "./operations/search-by-name.ts";

export default defineSystem(legalEntities, {
  uses,
  operations: {
    findOrganization,
    findByCode,
    findOrganizationForCase,
    searchByName,
    organizationsOf,
    representation,
    listAuthorizations,
    authorizeAgent,
    grantAuthorization,
    revokeAuthorization,
    reportWrong,
    ownCorrectionRequests,
    listCorrectionRequests,
    decideCorrection,
    registerOrganization,
    correctOrganization,
    endOrganization,
  },
});
