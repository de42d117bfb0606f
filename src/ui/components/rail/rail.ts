import { attributes, type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import type { Content } from "#ui/components/options";

export interface RailStep {
  readonly title: Content;
  readonly state: "done" | "now" | "ahead" | "stopped" | "skipped";
  /** When it happened, or by when it must. */
  readonly when?: Content | undefined;
  /** Who did it, who holds the file now, or who will. */
  readonly who?: Content | undefined;
  /** Documents and receipts of the step. */
  readonly more?: Content | undefined;
}

export interface RailOptions {
  readonly language: Language;
  readonly steps: readonly RailStep[];
  readonly label?: string | undefined;
}

const LABEL = text("办理进度", "Progress");
const STATES = {
  done: text("已完成：", "Done: "),
  now: text("正在办理：", "Now: "),
  ahead: text("尚未开始：", "To come: "),
  stopped: text("已终止：", "Ended: "),
  skipped: text("不需要：", "Not needed: "),
} as const;

/** The steps of the procedure, when, and who holds the file now. */
export function rail({ language, steps, label }: RailOptions): Html {
  return html`<ol class="zt-rail" aria-label="${label ?? LABEL[language]}">${steps.map((step) => entry(step, language))}</ol>`;
}

function entry(step: RailStep, language: Language): Html {
  const own = attributes({
    class: `zt-rail__step zt-rail__step--${step.state}`,
    "aria-current": step.state === "now" ? "step" : undefined,
  });
  return html`<li${own}><p class="zt-rail__title"><span class="govuk-visually-hidden">${STATES[step.state][language]}</span>${step.title}</p>${line("when", step.when)}${line("who", step.who)}${line("more", step.more)}</li>`;
}

function line(part: "when" | "who" | "more", content: Content | undefined): Html {
  return content ? html`<p class="zt-rail__${part}">${content}</p>` : NOTHING;
}
