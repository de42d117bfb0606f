import { attributes, classNames, type Html, html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { type Content, type Spoken, type Styled, say } from "#ui/components/options";

export interface ErrorMessageOptions extends Styled, Spoken {
  readonly text?: Content | undefined;
  readonly id?: string | undefined;
  /** Read out before the message; "" leaves it out. */
  readonly visuallyHiddenText?: string | false | undefined;
}

const ERROR = text("错误", "Error");

export function errorMessage(options: ErrorMessageOptions): Html {
  const prefix = options.visuallyHiddenText ?? say(ERROR, options.language);
  const own = attributes({
    id: options.id || undefined,
    class: classNames("govuk-error-message", options.classes),
    ...options.attributes,
  });
  return html`<p${own}>${prefix ? html`<span class="govuk-visually-hidden">${prefix}:</span> ` : ""}${options.text}</p>`;
}
