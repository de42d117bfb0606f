/** Whoever issues for this node, as the room's operations need it: the hierarchy, given when trust is connected. */
import { Fault } from "#kernel/errors/fault";
import type { X509Certificate } from "#lib/x509/certificate";
import "../faults.ts";
import type { Judgement, Question } from "../relying/relying-party.ts";
import type { Hierarchy } from "./hierarchy.ts";

export interface Issuing extends Pick<Hierarchy, "issue" | "chainOf" | "suitesOf"> {
  /** Whether to rely on a certificate below any root that this node trusts. */
  judge(holder: X509Certificate, question: Omit<Question, "roots">): Promise<Judgement>;
  /** The same, below any root that the directory names for other nodes. */
  judgeListed(holder: X509Certificate, question: Omit<Question, "roots">): Promise<Judgement>;
}

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
