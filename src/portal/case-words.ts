import { isAsked, type Service } from "#kernel/contract/contract";
import { fieldMeta } from "#kernel/contract/field";
import type { CaseView } from "#kernel/procedures/changes";
import type { Procedure } from "#kernel/procedures/types";
import { type Text, text } from "#lib/language/text";
import type { TagOptions } from "#ui/components/tag/tag";

/** How a case that was ended from outside ended. */
const ENDED: Readonly<Record<string, Text>> = {
  withdrawn: text("已撤回", "Withdrawn"),
};
const CLOSED = text("已办结", "Closed");
const FAILED = text("处理出错，正在由工作人员处理", "Something failed; officials are looking at it");
const YOUR_TURN = text("需要您办理", "Waiting for you");
const IN_HAND = text("办理中", "In hand");

/** What a case waits for from its applicant: the messages that the procedure awaits from them. */
export function awaitedFromApplicant(service: Service, view: CaseView): readonly string[] {
  const { messages } = service.procedure;
  return [...new Set(view.awaited.map((one) => one.message))].filter((name) => isAsked(messages[name]));
}

/** The state of a case in one phrase. */
export function statusOf(
  about: { readonly service: Service; readonly view: CaseView },
  definition: Procedure,
  reader: "applicant" | "party" = "applicant",
): { readonly text: Text; readonly kind: "wait" | "quiet" | "bad" | "now" } {
  const { service, view } = about;
  if (view.status === "failed") return { text: FAILED, kind: "bad" };
  if (view.status !== "running") return { text: outcomeOf(about, definition), kind: "quiet" };
  if (reader === "applicant" && awaitedFromApplicant(service, view).length > 0)
    return { text: YOUR_TURN, kind: "wait" };
  const [task] = view.openTasks;
  return { text: task ? task.title : restingAt(view, definition), kind: "now" };
}

/** How a closed case ended: in the words of the procedure's own end; of a grant in part, in those of the decision. */
export function outcomeOf(
  { service, view }: { readonly service: Service; readonly view: CaseView },
  definition: Procedure,
): Text {
  const outcome = view.outcome ?? "";
  return grantedInPart({ service, view }) ?? definition.elements.get(outcome)?.title ?? ENDED[outcome] ?? CLOSED;
}

/** What a decision that granted a part is called; undefined where there was none. */
export function grantedInPart(about: { readonly service: Service; readonly view: CaseView }): Text | undefined {
  const { service, view } = about;
  if (view.status === "running" || view.variables["decision"] !== "partial") return undefined;
  const said = service.procedure.tasks["decision"]?.form.shape["outcome"];
  return view.variables["licenceNumber"] === undefined
    ? undefined
    : said && fieldMeta(said as never)?.options?.["partial"];
}

function restingAt(view: CaseView, definition: Procedure): Text {
  const [element] = view.at;
  return (element === undefined ? undefined : definition.elements.get(element)?.title) ?? IN_HAND;
}

/** The same as a tag. */
export function statusTag(
  about: { readonly service: Service; readonly view: CaseView },
  definition: Procedure,
  language: "zh" | "en",
  reader?: "applicant" | "party",
): TagOptions {
  const status = statusOf(about, definition, reader);
  const classes = { wait: "zt-tag--wait", quiet: "zt-tag--quiet", bad: "zt-tag--bad", now: undefined }[status.kind];
  return { text: status.text[language], classes };
}
