import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { openNotice } from "#kernel/services/notices";
import { isUuid } from "#lib/crypto/uuid";
import { refused } from "../problem.ts";
import { sealFile } from "../seal-file.ts";
import { openCase } from "./case.ts";

/** The files of a case: notices, whose first opening is recorded, and what the applicant uploaded. */
export function caseFilePages(site: Site): readonly Page[] {
  return [
    definePage({
      path: "/notices/:notice",
      audience: "person",
      get: async (request) => {
        const id = request.params["notice"] ?? "";
        if (!isUuid(id)) return { kind: "not-found" };
        const opened = await openNotice(site.kernel, request.act({ purpose: "own-affairs" }), id);
        if (isRefusal(opened)) return refused(site, request, opened);
        const name = `${opened.number}.pdf`;
        return { kind: "file", bytes: opened.pdf, mediaType: "application/pdf", name, inline: true };
      },
    }),
    definePage({
      path: "/notices/:notice/seal",
      audience: "person",
      get: async (request) => {
        const id = request.params["notice"] ?? "";
        if (!isUuid(id)) return { kind: "not-found" };
        const opened = await openNotice(site.kernel, request.act({ purpose: "own-affairs" }), id);
        if (isRefusal(opened)) return refused(site, request, opened);
        return sealFile(site, opened.digest, opened.number);
      },
    }),
    definePage({
      path: "/cases/:case/materials/:material",
      audience: "person",
      get: async (request) => {
        const opened = await openCase(site, request);
        if ("kind" in opened) return opened;
        const file = opened.page.application.materials.find((one) => one.id === request.params["material"]);
        if (!file) return { kind: "not-found" };
        const bytes = await site.kernel.files.read(file.digest);
        // Never shown inline: what someone uploaded is not run or drawn under our address.
        return { kind: "file", bytes, mediaType: file.mediaType, name: file.fileName };
      },
    }),
  ];
}
