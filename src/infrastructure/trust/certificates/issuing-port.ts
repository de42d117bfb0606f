/** Whoever issues for this node, as the room's operations need it: the hierarchy, given when trust is connected. */
import { Fault } from "#kernel/errors/fault";
import "../faults.ts";
import type { Hierarchy } from "./hierarchy.ts";

export type Issuing = Pick<Hierarchy, "issue" | "chainOf" | "suitesOf">;

let provided: Issuing | undefined;

/** A node that is composed anew in the same process gives its own. */
export function provideIssuing(issuing: Issuing): void {
  provided = issuing;
}

/** @throws {Fault} ERR_TRUST_NO_AUTHORITY before trust is connected */
export function issuing(): Issuing {
  if (provided === undefined) throw new Fault("ERR_TRUST_NO_AUTHORITY", { message: "trust is not connected" });
  return provided;
}
