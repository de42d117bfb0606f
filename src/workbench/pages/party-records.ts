import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { sendToCase } from "#kernel/services/case-messages";
import { recordDelivery } from "#kernel/services/name-party";
import { isUuid } from "#lib/crypto/uuid";
import type { Text } from "#lib/language/text";
import type { FieldDescriptor, FormErrors } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { DELIVERY_FIELDS, type EnteredForm, SAID_FIELDS, SAID_FORM } from "../party-forms.ts";
import { show } from "./parties.ts";

/** What an official records about an interested party: that a notice reached them, what they said. */
export function partyRecordPages(site: Site): readonly Page[] {
  return [
    definePage({
      path: "/workbench/cases/:caseId/parties/:party/said",
      audience: "official",
      get: async (request) => ({ kind: "redirect", to: partiesOf(request) }),
      post: (request) => say(site, request),
    }),
    definePage({
      path: "/workbench/cases/:caseId/deliveries/:noticeId",
      audience: "official",
      get: async (request) => ({ kind: "redirect", to: partiesOf(request) }),
      post: (request) => deliver(site, request),
    }),
  ];
}

function partiesOf(request: PageRequest): string {
  return `/workbench/cases/${request.params["caseId"] ?? ""}/parties`;
}

interface Given {
  readonly caseId: string;
  readonly prefix: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly entered: EnteredForm;
}

function given(request: PageRequest, prefix: string, fields: readonly FieldDescriptor[]): Given {
  const { caseId = "" } = request.params;
  const { input, values, errors } = parseForm(fields, request.fields, prefix);
  const what = fieldOf(request.fields, "what");
  return { caseId, prefix, input, entered: { prefix, values, errors, ...(what !== "" && { what }) } };
}

/** The page again, with all that was entered and what is wrong in it. */
async function again(site: Site, request: PageRequest, { entered }: Given, refusal?: Refusal): Promise<PageResponse> {
  if (refusal?.code === "case-unknown") return { kind: "not-found" };
  const issues = refusal?.issues.map(({ path, text }): [string, Text] => [path, text]) ?? [];
  const errors: FormErrors = { ...entered.errors, ...Object.fromEntries(issues) };
  const problem = issues.length === 0 && refusal ? { problem: refusal.text } : {};
  return show(site, request, { entered: { ...entered, errors }, ...problem });
}

async function say(site: Site, request: PageRequest): Promise<PageResponse> {
  const { caseId = "", party = "" } = request.params;
  if (!isUuid(caseId) || !isUuid(party)) return { kind: "not-found" };
  const form = given(request, party, SAID_FIELDS);
  const read = SAID_FORM.safeParse(form.input);
  if (Object.keys(form.entered.errors).length > 0 || !read.success) return again(site, request, form);
  const { way, on, note = "" } = read.data;
  const sent = await sendToCase(site.kernel, request.act({ purpose: "case", caseId }), {
    caseId,
    message: form.entered.what ?? "",
    form: note === "" ? {} : { note },
    said: { party, way, on },
  });
  return isRefusal(sent)
    ? again(site, request, form, sent)
    : { kind: "redirect", to: `${partiesOf(request)}?done=said` };
}

async function deliver(site: Site, request: PageRequest): Promise<PageResponse> {
  const { caseId = "", noticeId = "" } = request.params;
  if (!isUuid(caseId) || !isUuid(noticeId)) return { kind: "not-found" };
  const form = given(request, noticeId, DELIVERY_FIELDS);
  if (Object.keys(form.entered.errors).length > 0) return again(site, request, form);
  const act = request.act({ purpose: "case", caseId });
  const done = await recordDelivery(site.kernel, act, { caseId, noticeId, form: form.input });
  return isRefusal(done)
    ? again(site, request, form, done)
    : { kind: "redirect", to: `${partiesOf(request)}?done=delivered` };
}
