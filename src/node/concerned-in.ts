import { isRefusal } from "#kernel/contract/refusal";
import { nameOf } from "#kernel/services/application";
import { caseByNumber, caseForOfficial } from "#kernel/services/case-views";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import type { ConcernedIn } from "../services/data-rights/ports.ts";

/** Whom a case concerns: who applied, who filed it for them, and interested parties that are registered. Reading it is on record as always. */
export async function concernedIn(kernel: Kernel, act: Act, caseNumber: string): Promise<ConcernedIn | undefined> {
  const caseId = await caseByNumber(kernel, caseNumber);
  const page = caseId && (await caseForOfficial(kernel, { ...act, purpose: "case", caseId }, caseId));
  if (!page || isRefusal(page)) return undefined;
  const { application, parties } = page;
  const { applicant } = application;
  const name = nameOf(application);
  const filer = `提交人（${name}）`;
  const subjects = [
    { kind: applicant.kind, id: applicant.id, name },
    ...(applicant.personId === applicant.id ? [] : [{ kind: "person", id: applicant.personId, name: filer } as const]),
    ...parties.flatMap(({ kind, registered, name: party }) =>
      registered ? [{ kind, id: registered.id, name: party }] : [],
    ),
  ];
  return { caseId: application.caseId, caseNumber: application.number, subjects };
}
