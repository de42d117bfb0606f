import { attributes, type Html, html } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";

export interface FormStep {
  readonly title: string;
  readonly state: "done" | "now" | "ahead";
  /** Where a step that is done can be changed. */
  readonly href?: string | undefined;
}

export interface FormStepsOptions {
  readonly language: Language;
  readonly steps: readonly FormStep[];
}

const LABEL = text("填写步骤", "Steps of this form");
const POSITION = text("第 {number} 步，共 {count} 步", "Step {number} of {count}");

/** Where one is in a form of several pages. On a phone only the position and the present step show. */
export function formSteps({ language, steps }: FormStepsOptions): Html {
  const number = Math.max(1, steps.findIndex((step) => step.state === "now") + 1);
  const position = fill(POSITION, { number, count: steps.length })[language];
  return html`<nav class="zt-steps" aria-label="${LABEL[language]}"><p class="zt-steps__position">${position}</p><ol>${steps.map(entry)}</ol></nav>`;
}

function entry(step: FormStep): Html {
  const own = attributes({
    class: `zt-steps__step zt-steps__step--${step.state}`,
    "aria-current": step.state === "now" ? "step" : undefined,
  });
  const title =
    step.href && step.state === "done"
      ? html`<a href="${step.href}">${step.title}</a>`
      : html`<span>${step.title}</span>`;
  return html`<li${own}>${title}</li>`;
}
