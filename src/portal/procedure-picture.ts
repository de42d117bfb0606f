import type { CaseView } from "#kernel/procedures/changes";
import type { Element, Procedure } from "#kernel/procedures/types";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { type RailStep, rail } from "#ui/components/rail/rail";

const STEPS = text("程序的各个环节", "All steps of the procedure");
const PLACES: ReadonlySet<Element["kind"]> = new Set([
  "user-task",
  "service-task",
  "receive-task",
  "end",
  "message-catch",
]);

/** The whole procedure as a list: where the case is, where it was, where it may still go. */
export function procedurePicture(definition: Procedure, view: CaseView, language: Language): Html {
  const done = new Set(view.closedTasks.map((task) => task.element));
  const steps = [...definition.elements.values()]
    .filter((element) => PLACES.has(element.kind) && element.title.zh !== "")
    .map((element): RailStep => {
      const state = view.at.includes(element.id)
        ? "now"
        : done.has(element.id) || view.outcome === element.id
          ? "done"
          : "ahead";
      return { title: element.title[language], state };
    });
  return steps.length === 0 ? NOTHING : html`${rail({ language, steps, label: STEPS[language] })}`;
}
