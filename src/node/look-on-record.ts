import { isWithheld } from "#kernel/ledger/records";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { civilDay } from "#lib/calendar/civil-day";
import type { LookOnRecord } from "../services/data-rights/ports.ts";

/** An entry of the ledger as whom it concerns may object to it; what is lawfully withheld is as if it were not there. */
export async function lookOnRecord(kernel: Kernel, act: Act, entryId: number): Promise<LookOnRecord | undefined> {
  const { principal, onBehalfOf } = act;
  if (principal.kind !== "person") return undefined;
  const record = await kernel.ledger.entry(entryId);
  const { content } = record ?? {};
  if (record === undefined || content === undefined) return undefined;
  const today = civilDay(Temporal.Instant.from(act.at)).toString();
  if (isWithheld(record, today)) return undefined;
  // An agent for some services alone has no part in what else is on record.
  const whole = onBehalfOf?.services === undefined ? onBehalfOf : undefined;
  const subject = record.subjects.find(
    ({ kind, id }) => (kind === "person" && id === principal.id) || (kind === whole?.kind && id === whole.id),
  );
  if (subject === undefined || subject.kind === "official") return undefined;
  const { at, room, operation } = record.leaf;
  const { actor, purpose, legalBasis, caseId } = content;
  return { subject: { kind: subject.kind, id: subject.id }, at, room, operation, purpose, legalBasis, caseId, actor };
}
