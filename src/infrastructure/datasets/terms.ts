import { cite } from "#kernel/contract/citation";
import { text } from "#lib/language/text";

/** 政务数据共享条例 (State Council order 809, in force 2025-08-01); which of it could be read, the README says. */
const SHARING_REGULATION = text("政务数据共享条例", "Regulation on Government Data Sharing");

export const sharingLaw = [cite(SHARING_REGULATION, "第三条")];

/** Publishes registers and agrees to whom they are given (数源部门). */
export const PUBLISH = "datasets.publish";
/** Has copies kept of other nodes' registers, and looks into them. */
export const RECEIVE = "datasets.receive";
