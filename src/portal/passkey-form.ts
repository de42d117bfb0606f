import type { PageRequest } from "#kernel/http/page";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { formFields } from "./frame.ts";

const NOT_ANSWERED = text(
  "通行密钥没有应答，或已取消。可以再试一次，或改用其他方式。",
  "The passkey gave no answer, or it was cancelled. Try again, or use another way.",
);

/** A form that a passkey answers; without the script, or where the device has none, it does not show. */
export function passkeyForm(
  request: PageRequest,
  form: {
    readonly kind: "get" | "create";
    readonly options: string;
    readonly action: string;
    readonly button: Text;
    readonly fields?: Html;
    readonly secondary?: boolean;
  },
): Html {
  const { language } = request;
  return html`<form action="${form.action}" method="post" data-passkey="${form.kind}" data-options="${form.options}" hidden>${formFields(request)}<input type="hidden" name="response" value="">${form.fields ?? NOTHING}<div role="alert" data-passkey-failed hidden><p class="govuk-error-message">${NOT_ANSWERED[language]}</p></div>${button(
    { text: form.button[language], ...(form.secondary && { classes: "govuk-button--secondary" }) },
  )}</form>`;
}
