/** Where people are written to, as the room that signs them in knows it. */
import { identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { nodeActOf } from "./node-act.ts";

/** Whether a person signs in here. */
export async function hasAccount(kernel: Kernel, about: { readonly personId: string; readonly caseId: string }) {
  const asking = (): Act => ({ ...nodeActOf(kernel, identity.id), purpose: "case", caseId: about.caseId });
  const answer = await frontOf(kernel, identity, asking).accountsOf({ holder: about.personId });
  return !isRefusal(answer) && answer.items.some(({ status }) => status === "active");
}

/** Where an applicant asked to be written to; the look is on the record of whom it concerns. */
export async function emailOf(kernel: Kernel, about: { readonly personId: string; readonly caseId: string }) {
  const asking = (): Act => ({ ...nodeActOf(kernel, identity.id), purpose: "case", caseId: about.caseId });
  const answer = await frontOf(kernel, identity, asking).emailForNotices({ person: about.personId });
  // A notice does not wait for this: who cannot be written to now finds it under My messages all the same.
  return isRefusal(answer) ? undefined : answer.address;
}
