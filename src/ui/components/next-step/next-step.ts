import { classNames, type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import type { Content } from "#ui/components/options";

export interface NextStepOptions {
  readonly language: Language;
  /** "act": the reader must do something; "wait": somebody else does. */
  readonly kind: "act" | "wait" | "done";
  readonly title: Content;
  readonly text?: Content | undefined;
  /** Buttons and links. */
  readonly actions?: Content | undefined;
}

const CAPTION = {
  act: text("需要您办理", "You need to do this"),
  wait: text("接下来", "What happens next"),
  done: text("已办结", "Finished"),
} as const;

/** What happens next; it stands before what happened. */
export function nextStep({ language, kind, title, text: body, actions }: NextStepOptions): Html {
  return html`<section class="${classNames("zt-next", `zt-next--${kind}`)}"><p class="zt-next__caption">${CAPTION[kind][language]}</p><h2 class="zt-next__title">${title}</h2>${
    body ? html`<div class="zt-next__text">${body}</div>` : NOTHING
  }${actions ? html`<div class="zt-actions">${actions}</div>` : NOTHING}</section>`;
}
