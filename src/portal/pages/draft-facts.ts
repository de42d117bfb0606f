import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { facts } from "#ui/components/facts/facts";
import { factsShown } from "../facts.ts";
import { entriesOfDraft, ownEntries, receiptOfSource } from "../own-entries.ts";
import { draftScreen, isResponse, openDraft, screenAfter, screenHref } from "./draft.ts";

const TITLE = text("我们已经知道的", "What we already know");
const LEAD = text(
  "这些信息刚从登记部门取得，只用于这次申请，每次查询都记入存证日志，您可以在“谁查过我的数据”中看到。您不用再填写或提交证明。",
  "This was fetched from its registers just now, for this application alone. Each question is on the record under “Who looked at my data”. You need not type it or prove it again.",
);
const RIGHT = text("都对，继续", "All correct, continue");
const NEXT_NOTE = text(
  "如果有误，点该项旁的“信息有误，申请更正”；更正不影响您继续填写，提交时会重新查询。",
  "If something is wrong, use “Is this wrong?” beside it. You can go on meanwhile; the registers are asked again when you submit.",
);

/** The first screens of an application: the draft's own address, and the facts that government has. */
export function draftFactsPages(site: Site): readonly Page[] {
  return [
    definePage({
      path: "/drafts/:draft",
      audience: "person",
      get: async (request) => {
        const opened = await openDraft(site, request);
        return isResponse(opened) ? opened : { kind: "redirect", to: screenHref(opened.draft.id, "facts") };
      },
    }),
    definePage({
      path: "/drafts/:draft/facts",
      audience: "person",
      get: async (request) => {
        const opened = await openDraft(site, request);
        if (isResponse(opened)) return opened;
        const { language } = request;
        const { draft, item } = opened;
        const receiptOf = receiptOfSource(site, ownEntries(request, await entriesOfDraft(site, draft.id)));
        return draftScreen(site, request, opened, {
          screen: "facts",
          title: TITLE[language],
          lead: LEAD[language],
          main: html`${facts({ language, facts: factsShown({ service: item.service, known: draft.facts, language, wrongHref: `/drafts/${draft.id}/wrong`, receiptOf }) })}<p class="govuk-hint">${NEXT_NOTE[language]}</p><div class="zt-actions">${button({ text: RIGHT[language], href: screenHref(draft.id, screenAfter(opened, "facts")) })}</div>`,
        });
      },
    }),
  ];
}
