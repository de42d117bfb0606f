import { defineSystem } from "#kernel/system/system";
import { quality } from "#systems/quality";
import { foodBusinessLicence } from "./food-business-licence.ts";
import { uses } from "./implement.ts";
import { endLicence } from "./operations/end-licence.ts";
import { findLicence } from "./operations/find-licence.ts";
import { grantLicence } from "./operations/grant-licence.ts";
import { licencesOf } from "./operations/licences-of.ts";
import { publishDecision } from "./operations/publish-decision.ts";
import { searchLicences } from "./operations/search-licences.ts";

export default defineSystem(quality, {
  uses,
  operations: { findLicence, licencesOf, searchLicences, grantLicence, publishDecision, endLicence },
  services: { foodBusinessLicence },
});
