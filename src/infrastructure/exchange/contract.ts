import { defineContract } from "#kernel/contract/contract";
import { text } from "#lib/language/text";
import { letterOperations } from "./letter-contract.ts";
import { WATCH, watchOperations } from "./watch-contract.ts";
import { DECIDE_SYSTEMS, REGISTER_SYSTEMS, xRoadOperations } from "./xroad-contract.ts";

export { DECIDE_SYSTEMS, REGISTER_SYSTEMS, WATCH };

/**
 * Calls between nodes, signed and on the record of both. Rooms do not ask it for anything: it is the way on which their own calls go,
 * when another node keeps the room that they ask. Beside it, the edge: systems that are not ours, which call and are called.
 */
export const exchange = defineContract({
  id: "exchange",
  version: "1.0",
  title: text("数据交换", "Exchange between nodes"),
  steward: text("政务数据管理部门", "The department that manages government data"),
  ofEveryNode: true,
  operations: { ...xRoadOperations, ...watchOperations, ...letterOperations },
});
