import { assuranceNeeded } from "../contract/door-refusals.ts";
import type { Refusal } from "../contract/refusal.ts";
import type { AccessRequest } from "./access.ts";

/**
 * Of an attempt that was not allowed: what has to be proved where a surer proof of who acts is all that is missing, as a policy says that
 * asks for a level. Undefined where no proof would help; whoever may not do it at all learns nothing.
 */
export function provableInstead(
  access: { decide(request: AccessRequest): { readonly allowed: boolean } },
  request: AccessRequest,
): Refusal<"assurance-needed"> | undefined {
  const { act, room } = request;
  const { principal } = act;
  if (act.via !== undefined || (principal.kind !== "person" && principal.kind !== "official")) return undefined;
  const level = ([2, 3] as const).find(
    (higher) =>
      higher > principal.assurance &&
      access.decide({ ...request, act: { ...act, principal: { ...principal, assurance: higher } } }).allowed,
  );
  return level && assuranceNeeded(room, { level });
}
