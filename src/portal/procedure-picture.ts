import type { CaseView } from "#kernel/procedures/changes";
import { drawProcedure } from "#kernel/procedures/draw";
import type { Procedure } from "#kernel/procedures/types";
import { type Html, html } from "#lib/html/html";
import type { Language } from "#lib/language/text";

/** The procedure drawn, with where the case rests and what it has done. It scrolls in its own frame. */
export function procedurePicture(definition: Procedure, view: CaseView, language: Language): Html {
  const done = [...view.closedTasks.map((task) => task.element), ...(view.outcome === undefined ? [] : [view.outcome])];
  const label = definition.title[language];
  return html`<div class="zt-picture" tabindex="0" role="region" aria-label="${label}">${drawProcedure(definition, { language, state: { at: view.at, done } })}</div>`;
}
