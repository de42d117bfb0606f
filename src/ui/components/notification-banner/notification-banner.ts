import { attributes, classNames, type Html, html, NOTHING } from "#lib/html/html";
import { text } from "#lib/language/text";
import { type Content, type Spoken, type Styled, say } from "#ui/components/options";

export interface NotificationBannerOptions extends Styled, Spoken {
  readonly title?: Content | undefined;
  readonly titleId?: string | undefined;
  readonly titleHeadingLevel?: number | string | undefined;
  readonly text?: Content | undefined;
  readonly type?: string | undefined;
  readonly role?: string | undefined;
  readonly disableAutoFocus?: boolean | undefined;
}

const SUCCESS = text("办好了", "Success");
const IMPORTANT = text("请注意", "Important");

export function notificationBanner(options: NotificationBannerOptions): Html {
  const succeeded = options.type === "success";
  const level = Number(options.titleHeadingLevel || 2);
  const titleId = options.titleId || "govuk-notification-banner-title";
  const own = attributes({
    class: classNames("govuk-notification-banner", succeeded && "govuk-notification-banner--success", options.classes),
    role: options.role || (succeeded ? "alert" : "region"),
    "aria-labelledby": titleId,
    "data-module": "govuk-notification-banner",
    "data-disable-auto-focus": options.disableAutoFocus === undefined ? undefined : String(options.disableAutoFocus),
    ...options.attributes,
  });
  const title = options.title || say(succeeded ? SUCCESS : IMPORTANT, options.language);
  return html`<div${own}><div class="govuk-notification-banner__header"><h${level} class="govuk-notification-banner__title" id="${titleId}">${title}</h${level}></div><div class="govuk-notification-banner__content">${body(options.text)}</div></div>`;
}

function body(content: Content | undefined): Html {
  if (!content) return NOTHING;
  return typeof content === "string"
    ? html`<p class="govuk-notification-banner__heading">${content}</p>`
    : html`${content}`;
}
