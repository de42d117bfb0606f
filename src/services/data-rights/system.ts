import { defineSystem } from "#kernel/system/system";
import { dataRights } from "#services/data-rights";
import { answerObjection } from "./operations/answer-objection.ts";
import { askSealing } from "./operations/ask-sealing.ts";
import { decideSealing } from "./operations/decide-sealing.ts";
import { endSealing } from "./operations/end-sealing.ts";
import { object } from "./operations/object.ts";
import { objectionsDue } from "./operations/objections-due.ts";
import { openObjections } from "./operations/open-objections.ts";
import { ownObjections } from "./operations/own-objections.ts";
import { prolongSealing } from "./operations/prolong-sealing.ts";
import { remindOfObjections } from "./operations/remind-of-objections.ts";
import { sealableIn } from "./operations/sealable-in.ts";
import { sealings } from "./operations/sealings.ts";
import { supervisedSealings } from "./operations/supervised-sealings.ts";

export default defineSystem(dataRights, {
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    object,
    ownObjections,
    openObjections,
    answerObjection,
    objectionsDue,
    remindOfObjections,
    sealableIn,
    askSealing,
    decideSealing,
    prolongSealing,
    endSealing,
    sealings,
    supervisedSealings,
  },
});
