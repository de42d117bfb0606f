import { defineSystem } from "#kernel/system/system";
import { population } from "./contract.ts";
import { uses } from "./implement.ts";
import { correctPerson } from "./operations/correct-person.ts";
import { decideCorrection } from "./operations/decide-correction.ts";
import { findByDocument } from "./operations/find-by-document.ts";
import { findOwn } from "./operations/find-own.ts";
import { findPersonForCase } from "./operations/find-person-for-case.ts";
import { listCorrectionRequests } from "./operations/list-correction-requests.ts";
import { nameOf } from "./operations/name-of.ts";
import { ownCorrectionRequests } from "./operations/own-correction-requests.ts";
import { registerPerson } from "./operations/register-person.ts";
import { reportWrong } from "./operations/report-wrong.ts";
import { searchByName } from "./operations/search-by-name.ts";

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
  },
});
