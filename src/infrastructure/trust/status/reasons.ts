import type { RevocationReason } from "#lib/revocation/reason";

/** The contract's reasons as lists and answers call them (RFC 5280 §5.3.1). */
export const REASON_CODES: Readonly<
  Record<"key-compromise" | "superseded" | "cessation" | "suspended", RevocationReason>
> = Object.freeze({
  "key-compromise": "keyCompromise",
  superseded: "superseded",
  cessation: "cessationOfOperation",
  suspended: "certificateHold",
});
