import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { evidenceForApplicant, provedEvidence } from "#kernel/services/case-evidence";
import { EVIDENCE_MEDIA_TYPE, evidenceBytes } from "#kernel/services/evidence";
import { isUuid } from "#lib/crypto/uuid";
import { ownReceipt } from "./receipts.ts";

/** Bundles of evidence (证据包) for whom they concern: of a case, and of one entry of the ledger. */
export function evidencePages(site: Site): readonly Page[] {
  const mediaType = EVIDENCE_MEDIA_TYPE;
  return [
    definePage({
      path: "/cases/:case/evidence",
      audience: "person",
      get: async (request) => {
        const caseId = request.params["case"] ?? "";
        if (!isUuid(caseId)) return { kind: "not-found" };
        const act = request.act({ purpose: "own-affairs", caseId });
        const extent = { materials: request.query["materials"] === "yes" };
        const bundle = await evidenceForApplicant(site.kernel, act, caseId, site.certificates, extent);
        if (isRefusal(bundle)) return { kind: "not-found" };
        const name = `${bundle.about.caseNumber ?? caseId}.evidence.json`;
        return { kind: "file", bytes: evidenceBytes(bundle), mediaType, name };
      },
    }),
    definePage({
      path: "/receipts/:entry/evidence",
      audience: "person",
      get: async (request) => {
        const own = await ownReceipt(site, request, request.params["entry"] ?? "");
        if (!own) return { kind: "not-found" };
        const { entryId } = own.receipt;
        const wanted = { about: { entryId }, entryIds: [entryId], subject: own.subject };
        const bundle = await provedEvidence(site.kernel, wanted);
        return { kind: "file", bytes: evidenceBytes(bundle), mediaType, name: `entry-${entryId}.evidence.json` };
      },
    }),
  ];
}
