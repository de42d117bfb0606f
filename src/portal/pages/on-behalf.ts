import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { identityChoice } from "#ui/components/identity-choice/identity-choice";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { formFields, portalResponse } from "../frame.ts";
import { type Identity, identitiesOf, SELF } from "../identities.ts";
import { refused } from "../problem.ts";
import { actAs, principalId } from "./apply.ts";

const TITLE = text("代表谁办事？", "On whose behalf do you act?");
const LEAD = text(
  "这些来自登记信息：您是单位的法定代表人、经营者，您是其监护人、继承人，或者持有有效的委托。没有列出的，请先办理登记或委托。",
  "These come from registers: you represent the organization, are someone's guardian or heir, or hold a valid authorization.",
);
const SWITCH = text("先选择：以{name}的名义", "First choose to act for {name}");
const SWITCH_LEAD = text(
  "这份申请是以该单位（或个人）的名义填写的。选择后回到申请，已填写的内容都在。",
  "This application was filled in in that name. Choose it to go on; everything that you entered is kept.",
);

/** Chooses in whose name the session acts; what the register does not know cannot be chosen. */
export function onBehalfPage(site: Site): Page {
  return definePage({
    path: "/my/identity",
    audience: "person",
    get: (request) => screen(site, request),
    post: async (request) => {
      const identities = await identitiesOf(request);
      if (isRefusal(identities)) return refused(site, request, identities);
      const chosen = identities.find((one) => one.value === fieldOf(request.fields, "identity"));
      if (!chosen) return screen(site, request);
      const acts = await actAs(request, chosen);
      if (isRefusal(acts)) return refused(site, request, acts, "/my/identity");
      return { kind: "redirect", to: fieldOf(request.fields, "back") || "/my" };
    },
  });
}

async function screen(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const identities = await identitiesOf(request);
  if (isRefusal(identities)) return refused(site, request, identities);
  return portalResponse(site, request, {
    title: TITLE[language],
    backHref: "/my",
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${choice(request, identities, request.query["back"] ?? "")}`,
  });
}

function choice(request: PageRequest, identities: readonly Identity[], back: string) {
  return identityChoice({
    action: "/my/identity",
    name: "identity",
    token: html`${formFields(request)}<input type="hidden" name="back" value="${back}">`,
    identities: identities.map((one) => ({
      value: one.value,
      name: one.name,
      role: one.role[request.language],
    })),
  });
}

/** Asks to act in the name in which something was begun; undefined where the reader does so already. */
export async function askToSwitch(
  site: Site,
  request: PageRequest,
  applicant: { readonly kind: "person" | "organization"; readonly id: string },
): Promise<PageResponse | undefined> {
  const acting = request.session?.onBehalfOf?.id;
  const own = applicant.id === principalId(request);
  if (own ? acting === undefined : acting === applicant.id) return undefined;
  const { language } = request;
  const identities = await identitiesOf(request);
  if (isRefusal(identities)) return refused(site, request, identities);
  const wanted = identities.find((one) => (own ? one.value === SELF : one.value === applicant.id));
  // Whoever lost the right to act for it finds it no more.
  if (!wanted) return { kind: "not-found" };
  const title = fill(SWITCH, { name: wanted.name })[language];
  return portalResponse(site, request, {
    title,
    backHref: "/my",
    main: html`${pageHeading({ title, lead: SWITCH_LEAD[language] })}${choice(request, [wanted], request.path)}`,
  });
}
