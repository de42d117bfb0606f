import { CHANGE_FACTORS } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { accountDoors, recoveryCodeList, securityCrumbs, withSession } from "../account.ts";
import { portalResponse } from "../frame.ts";
import { refused } from "../problem.ts";

const TITLE = text("新的恢复码", "New recovery codes");

/** New codes in place of those before. */
export function recoveryCodesPage(site: Site): Page {
  return definePage({
    path: "/account/recovery-codes",
    audience: "public",
    // Whoever reloads finds no codes: they are shown once.
    get: async () => ({ kind: "redirect", to: "/account/security" }),
    post: async (request) =>
      withSession(request, async (session) => {
        const { language } = request;
        const made = await accountDoors(request).renewRecoveryCodes({ session: session.id });
        if (isRefusal(made)) {
          return made.code === "prove-first"
            ? { kind: "step-up", needs: CHANGE_FACTORS }
            : refused(site, request, made, "/account/security");
        }
        return portalResponse(site, request, {
          title: TITLE[language],
          breadcrumbs: securityCrumbs(request, TITLE),
          main: html`<div class="zt-prose"><h1>${TITLE[language]}</h1>${recoveryCodeList(language, made.recoveryCodes)}</div>`,
        });
      }),
  });
}
