import { defineContract } from "#kernel/contract/contract";
import { text } from "#lib/language/text";

/**
 * Calls between nodes, signed and on the record of both. Rooms do not ask it for anything: it is the way on which their own calls go,
 * when another node keeps the room that they ask.
 */
export const exchange = defineContract({
  id: "exchange",
  version: "1.0",
  title: text("数据交换", "Exchange between nodes"),
  steward: text("政务数据管理部门", "The department that manages government data"),
});
