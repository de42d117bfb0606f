import type { OwnEntry } from "#kernel/system/context";

/**
 * What stands in the log by itself, beside the act's own entry: an act that ended in "failed" looks like any other from outside, and an auditor
 * looks for those that failed. Whom it concerned stands in the act's entry.
 */
export const FAILED_SIGN_IN: OwnEntry = { type: "sign-in", operation: "sign-in-failed", detail: {} };
export const FAILED_PROOF: OwnEntry = { type: "sign-in", operation: "proof-failed", detail: {} };
