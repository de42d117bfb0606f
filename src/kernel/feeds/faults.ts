import { text } from "#lib/language/text";
import { defineFaults } from "../errors/fault.ts";

export const FEED_FAULTS = defineFaults({
  ERR_FEED_UNKNOWN: text("没有这项数据集，或尚在准备", "There is no such feed, or it is still being prepared"),
  ERR_FEED_ROUNDS: text("待编号的变更过多", "More changes wait for a position than one call numbers"),
});
