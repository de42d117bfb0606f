import { attributes, classNames, type Html, html } from "#lib/html/html";
import type { Content, Styled } from "#ui/components/options";
import { type TagOptions, tag } from "#ui/components/tag/tag";

export interface PhaseBannerOptions extends Styled {
  readonly text?: Content | undefined;
  readonly tag?: TagOptions | undefined;
}

export function phaseBanner(options: PhaseBannerOptions): Html {
  const own = attributes({
    class: classNames("govuk-phase-banner govuk-width-container", options.classes),
    ...options.attributes,
  });
  const phase = tag({
    text: options.tag?.text,
    classes: classNames("govuk-phase-banner__content__tag", options.tag?.classes),
  });
  return html`<div${own}><p class="govuk-phase-banner__content">${phase}<span class="govuk-phase-banner__text">${options.text}</span></p></div>`;
}
