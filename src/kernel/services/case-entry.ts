import type { LedgerEntry } from "../ledger/entry.ts";
import type { Act } from "../system/act.ts";
import { actorOf } from "../system/idempotency.ts";
import type { Kernel } from "../system/kernel.ts";
import type { Application } from "./application.ts";
import type { Party } from "./parties.ts";

/** The ledger's entry of an act on a case. It concerns the applicant, and the interested parties whose data or rights it touches. */
export function caseEntry(
  act: Act,
  application: Pick<Application, "room" | "service" | "caseId" | "applicant">,
  about: {
    readonly type: LedgerEntry["type"];
    readonly step: string;
    readonly outcome: string;
    readonly policies?: readonly string[];
    readonly parties?: readonly Pick<Party, "kind" | "registered">[] | undefined;
    /** SHA-256 of what was handed in or filled in, hexadecimal: so the ledger holds what the act said as well. */
    readonly digest?: string;
  },
): LedgerEntry {
  const { applicant } = application;
  const subjects: { kind: "person" | "organization"; id: string; attributes: string[] }[] = [
    { kind: "person", id: applicant.personId, attributes: ["application"] },
  ];
  if (applicant.id !== applicant.personId) {
    subjects.push({ kind: applicant.kind, id: applicant.id, attributes: ["application"] });
  }
  for (const { kind, registered } of about.parties ?? []) {
    if (registered) subjects.push({ kind, id: registered.id, attributes: ["interest"] });
  }
  return {
    type: about.type,
    at: act.at,
    actId: act.id,
    room: application.room,
    operation: `${application.service}.${about.step}`,
    actor: actorOf(act),
    onBehalfOf: act.onBehalfOf ? { kind: act.onBehalfOf.kind, id: act.onBehalfOf.id } : undefined,
    purpose: act.purpose ?? "case",
    legalBasis: act.legalBasis.map((citation) => `${citation.law.zh} ${citation.article}`),
    caseId: application.caseId,
    subjects,
    outcome: about.outcome,
    policies: about.policies ?? [],
    detail: about.digest === undefined ? undefined : { digest: about.digest },
  };
}

/** The node's own act on a case, where no person acts. */
export function nodeAct(
  kernel: Kernel,
  application: { readonly room: string; readonly caseId: string },
  at: string,
): Act {
  return {
    id: kernel.newId(),
    principal: { kind: "node", room: application.room },
    purpose: "case",
    legalBasis: [],
    caseId: application.caseId,
    zone: kernel.zone,
    language: "zh",
    at,
  };
}
