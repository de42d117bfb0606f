import { defineSystem } from "#kernel/system/system";
import { dataRights } from "#services/data-rights";
import { answerObjection } from "./operations/answer-objection.ts";
import { object } from "./operations/object.ts";
import { openObjections } from "./operations/open-objections.ts";
import { ownObjections } from "./operations/own-objections.ts";

export default defineSystem(dataRights, {
  migrations: new URL("./migrations/", import.meta.url),
  operations: { object, ownObjections, openObjections, answerObjection },
});
