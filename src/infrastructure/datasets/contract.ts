import { defineContract } from "#kernel/contract/contract";
import { text } from "#lib/language/text";
import { agreementOperations } from "./agreement-contract.ts";
import { transferOperations } from "./transfer-contract.ts";

export { GRANT_PROBLEMS } from "./grant-problems.ts";
export { PUBLISH, RECEIVE } from "./terms.ts";

/** 数据集: registers of one node kept as copies by others, from below to above (汇聚) and back (回流). */
export const datasets = defineContract({
  id: "datasets",
  version: "1.0",
  title: text("数据集", "Data sets"),
  steward: text("政务数据共享主管部门", "Authority in charge of data sharing"),
  ofEveryNode: true,
  registers: {},
  operations: { ...agreementOperations, ...transferOperations },
});
