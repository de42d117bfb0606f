import { defineSystem } from "#kernel/system/system";
import { population } from "./contract.ts";
import { uses } from "./implement.ts";
import { correctPerson } from "./operations/correct-person.ts";
import { decideCorrection } from "./operations/decide-correction.ts";
import { endGuardianship } from "./operations/end-guardianship.ts";
import { findByDocument } from "./operations/find-by-document.ts";
import { findOwn } from "./operations/find-own.ts";
import { findPersonForCase } from "./operations/find-person-for-case.ts";
import { guardiansOf } from "./operations/guardians-of.ts";
import { listCorrectionRequests } from "./operations/list-correction-requests.ts";
import { nameOf } from "./operations/name-of.ts";
import { ownCorrectionRequests } from "./operations/own-correction-requests.ts";
import { registerGuardianship } from "./operations/register-guardianship.ts";
import { registerPerson } from "./operations/register-person.ts";
import { reportWrong } from "./operations/report-wrong.ts";
import { searchByName } from "./operations/search-by-name.ts";
import { wardsOf } from "./operations/wards-of.ts";

export default defineSystem(population, {
  uses,
  operations: {
    findPersonForCase,
    findOwn,
    nameOf,
    findByDocument,
    searchByName,
    registerPerson,
    correctPerson,
    reportWrong,
    ownCorrectionRequests,
    listCorrectionRequests,
    decideCorrection,
    registerGuardianship,
    endGuardianship,
    wardsOf,
    guardiansOf,
  },
});
