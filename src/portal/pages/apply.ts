import { identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { draftsOf, startDraft } from "#kernel/services/drafts";
import { html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { identityChoice } from "#ui/components/identity-choice/identity-choice";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { formatInstant } from "#ui/format";
import { formFields, portalResponse } from "../frame.ts";
import { type Identity, identitiesOf, SELF } from "../identities.ts";
import { type Item, itemAt } from "../item.ts";
import { refused } from "../problem.ts";

const TITLE = text("以谁的名义申请？", "In whose name do you apply?");
const LEAD = text(
  "这些单位来自登记信息：您是其法定代表人、经营者，或者持有有效的授权委托。选定后，政府已有的信息由系统取得，不用您填写。",
  "These come from the register: you represent them, run them, or hold a valid authorization. Once you have chosen, what government already knows is fetched for you.",
);
const LEAD_PERSONS = text(
  "可以为自己申请，也可以为登记中您是其监护人、继承人或者受托人的人申请。选定后，政府已有的信息由系统取得，不用您填写。",
  "You can apply for yourself, or for whom you are registered as guardian, heir or agent. Once you have chosen, what government already knows is fetched for you.",
);
const NOBODY = text("没有您可以代表的单位", "There is no organization for which you can act");
const NOBODY_TEXT = text(
  "此事项由单位申请。登记信息中没有您担任法定代表人、经营者或受托人的单位；请先办理登记，或请单位在本平台登记授权委托书。",
  "This is applied for by organizations. The register names none that you represent; register one first, or have one authorise you.",
);
const DRAFT = text("您有一份 {at} 保存的草稿", "You have a draft, saved {at}");
const CONTINUE = text("继续填写", "Continue");

/** Where an application begins: in whose name, and drafts that wait. */
export function applyPage(site: Site): Page {
  return definePage({
    path: "/services/:room/:service/start",
    audience: "person",
    get: async (request) => {
      const item = itemAt(site.kernel, request.params["room"], request.params["service"]);
      return item ? choice(site, request, item) : { kind: "not-found" };
    },
    post: async (request) => {
      const item = itemAt(site.kernel, request.params["room"], request.params["service"]);
      return item ? start(site, request, item) : { kind: "not-found" };
    },
  });
}

async function choice(site: Site, request: PageRequest, item: Item): Promise<PageResponse> {
  const { language } = request;
  const identities = await applicants(request, item);
  if (isRefusal(identities)) return refused(site, request, identities, item.href);
  const drafts = await draftsOf(site.kernel, principalId(request));
  const waiting = drafts.filter((draft) => draft.room === item.ref.room && draft.service === item.ref.service);
  const offered = waiting.map((draft) => {
    const at = formatInstant(Temporal.Instant.from(draft.updatedAt), language);
    return insetText({
      text: html`${fill(DRAFT, { at })[language]} <a class="govuk-link" href="/drafts/${draft.id}">${CONTINUE[language]}</a>`,
    });
  });
  return portalResponse(site, request, {
    title: TITLE[language],
    backHref: item.href,
    main: html`${pageHeading({ caption: item.service.title[language], title: TITLE[language], lead: leadOf(item, identities)?.[language] })}${offered}${
      identities.length > 0
        ? identityChoice({
            action: `${item.href}/start`,
            name: "identity",
            token: formFields(request),
            identities: identities.map((one) => ({ value: one.value, name: one.name, role: one.role[language] })),
          })
        : emptyState({ title: NOBODY[language], text: NOBODY_TEXT[language] })
    }${NOTHING}`,
  });
}

function leadOf({ service }: Item, identities: readonly Identity[]) {
  if (identities.length === 0) return undefined;
  return service.applicants.includes("organization") ? LEAD : LEAD_PERSONS;
}

async function applicants(request: PageRequest, item: Item) {
  const all = await identitiesOf(request);
  if (isRefusal(all)) return all;
  const { applicants: kinds, forOthers = [] } = item.service;
  return all.filter(({ kind, right }) => kinds.includes(kind) && (right === undefined || forOthers.includes(right)));
}

async function start(site: Site, request: PageRequest, item: Item): Promise<PageResponse> {
  const identities = await applicants(request, item);
  if (isRefusal(identities)) return refused(site, request, identities, item.href);
  const chosen = identities.find((one) => one.value === fieldOf(request.fields, "identity"));
  if (!chosen || !request.session) return choice(site, request, item);
  const acts = await actAs(request, chosen);
  if (isRefusal(acts)) return refused(site, request, acts, `${item.href}/start`);
  // From here on the person acts in the name that was just chosen, and not in the one that this request came with.
  const onBehalfOf = (await request.sessionNow())?.onBehalfOf;
  const draft = await startDraft(site.kernel, { ...request.act({ purpose: "own-affairs" }), onBehalfOf }, item.ref, {
    kind: chosen.kind,
    id: chosen.id,
    personId: principalId(request),
  });
  if (isRefusal(draft)) return refused(site, request, draft, `${item.href}/start`);
  return { kind: "redirect", to: `/drafts/${draft.id}` };
}

/** Notes in the session for whom the person acts from now on. */
export async function actAs(request: PageRequest, chosen: Identity) {
  const represented = chosen.value === SELF ? {} : { [chosen.kind]: chosen.id };
  const session = request.session?.id ?? "";
  // The form's key belongs to what the form does; choosing again in the same form is a new choice.
  return request
    .front(identity, { purpose: "own-affairs", key: request.newFormKey })
    .actFor({ session, ...represented });
}

/** The person who is signed in; pages for persons are opened to nobody else. */
export function principalId(request: PageRequest): string {
  const principal = request.session?.principal;
  return principal?.kind === "person" ? principal.id : "";
}
