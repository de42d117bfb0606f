import type { Assurance, Principal } from "../system/act.ts";

/** How sure the node must be of who acts, and how lately it must have been proved. */
export interface AssuranceNeed {
  readonly level: Assurance;
  /** Proved at this level or above within so many minutes before the act. Absent: at any time of the session. */
  readonly withinMinutes?: number;
  /** Where the act is signed: a proof releases one signature, and the next one takes another proof. */
  readonly once?: true;
  /** Proved after this instant, ISO 8601 UTC: an earlier proof has released a signature already. Asked for by `once` alone. */
  readonly since?: string;
}

/** No session lasts longer, so that nothing could be proved longer ago. */
export const ASSURANCE_MINUTES_MAX = 12 * 60;

/**
 * Whether a principal is known as surely as something needs. A room of this node needs nothing more: it acts for a procedure, and
 * who began it was asked at its own door. Of a proof whose time is not known, none is fresh.
 * @param at ISO 8601 UTC, the instant of the act
 */
export function isAssured(principal: Principal, need: AssuranceNeed | undefined, at: string): boolean {
  if (need === undefined || principal.kind === "node") return true;
  if (principal.kind === "public" || principal.assurance < need.level) return false;
  const { withinMinutes = ASSURANCE_MINUTES_MAX, since = "" } = need;
  if (need.withinMinutes === undefined && need.since === undefined) return true;
  const { provenAt = {} } = principal;
  return ([1, 2, 3] as const).some((level) => {
    const proven = provenAt[level];
    if (level < need.level || proven === undefined || proven <= since) return false;
    // Another request of the same session may have proved it a moment after this act began.
    return Math.abs(Date.parse(at) - Date.parse(proven)) <= withinMinutes * 60_000;
  });
}
