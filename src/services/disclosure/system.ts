import { defineSystem } from "#kernel/system/system";
import { disclosure } from "#services/disclosure";
import { findDecision } from "./operations/find-decision.ts";
import { listDecisions } from "./operations/list-decisions.ts";
import { publishDecision } from "./operations/publish-decision.ts";
import { publishEnding } from "./operations/publish-ending.ts";

export default defineSystem(disclosure, {
  operations: { publishDecision, publishEnding, findDecision, listDecisions },
});
