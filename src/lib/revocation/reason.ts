/** Why a certificate ended before its time (RFC 5280 §5.3.1). 7 is not used; 8 stands in delta lists alone. */
export const REVOCATION_REASONS = Object.freeze({
  unspecified: 0,
  keyCompromise: 1,
  caCompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  /** Suspended: it may come back. */
  certificateHold: 6,
  removeFromCrl: 8,
  privilegeWithdrawn: 9,
  aaCompromise: 10,
} as const);

export type RevocationReason = keyof typeof REVOCATION_REASONS;

/** Undefined for a number that is no reason. */
export function reasonOf(code: number): RevocationReason | undefined {
  return (Object.keys(REVOCATION_REASONS) as RevocationReason[]).find((reason) => REVOCATION_REASONS[reason] === code);
}

/** Milliseconds since 1970 and why. */
export interface Revocation {
  readonly atMs: number;
  readonly reason: RevocationReason;
}
