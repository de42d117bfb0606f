import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { sendToCase } from "#kernel/services/case-messages";
import { claimTask, releaseTask } from "#kernel/services/claims";
import { recuse } from "#kernel/services/tasks";
import { isUuid } from "#lib/crypto/uuid";
import { text } from "#lib/language/text";
import { parseForm } from "#ui/form/parse-form";
import { refusalPage } from "../frame.ts";
import { MAX_REASON_CHARACTERS } from "../task-aside.ts";
import { placeOf, show } from "./task.ts";

const REASON_MISSING = text("请写明回避事由", "Say why");

/** Where the small forms beside a task go. */
export function taskActionPages(site: Site): readonly Page[] {
  const path = "/workbench/cases/:caseId/tasks/:taskId";
  return [
    definePage({ path: `${path}/claim`, audience: "official", post: (request) => hold(site, request, "claim") }),
    definePage({ path: `${path}/release`, audience: "official", post: (request) => hold(site, request, "release") }),
    definePage({ path: `${path}/recuse`, audience: "official", post: (request) => stepAside(site, request) }),
    definePage({ path: `${path}/messages/:message`, audience: "official", post: (request) => send(site, request) }),
  ];
}

async function hold(site: Site, request: PageRequest, verb: "claim" | "release"): Promise<PageResponse> {
  const place = placeOf(request);
  if (!place) return { kind: "not-found" };
  const act = request.act({ purpose: "case", caseId: place.caseId });
  const done = await (verb === "claim" ? claimTask : releaseTask)(site.kernel, act, place);
  if (isRefusal(done)) return refusalPage(site, request, done);
  const back = fieldOf(request.fields, "back");
  const own = `/workbench/cases/${place.caseId}/tasks/${place.taskId}`;
  return { kind: "redirect", to: back.startsWith("/workbench") ? back : own };
}

async function stepAside(site: Site, request: PageRequest): Promise<PageResponse> {
  const place = placeOf(request);
  if (!place) return { kind: "not-found" };
  const reason = fieldOf(request.fields, "reason").trim().slice(0, MAX_REASON_CHARACTERS);
  if (reason === "") return show(site, request, { refusal: { text: REASON_MISSING } });
  const act = request.act({ purpose: "case", caseId: place.caseId });
  const done = await recuse(site.kernel, act, { ...place, reason });
  return isRefusal(done) ? refusalPage(site, request, done) : { kind: "redirect", to: "/workbench?done=recusal" };
}

async function send(site: Site, request: PageRequest): Promise<PageResponse> {
  const place = placeOf(request);
  const { caseId = "", message = "" } = request.params;
  if (!place || !isUuid(caseId) || !/^[A-Za-z]{1,60}$/.test(message)) return { kind: "not-found" };
  const application = await site.kernel.procedures.view(site.kernel.database, caseId);
  const contract = application && site.kernel.systems.get(application.room)?.contract;
  const declaration = contract?.services[application?.service ?? ""]?.procedure.messages[message];
  if (!declaration) return { kind: "not-found" };
  const parsed = parseForm(formDescriptors(declaration.form), request.fields, message);
  const [first] = Object.values(parsed.errors);
  if (first) return show(site, request, { refusal: { text: first } });
  const sent = await sendToCase(site.kernel, request.act({ purpose: "case", caseId }), {
    caseId,
    message,
    form: parsed.input,
  });
  if (isRefusal(sent)) return refusalPage(site, request, sent);
  return { kind: "redirect", to: `/workbench/cases/${caseId}/tasks/${place.taskId}?done=${message}` };
}
