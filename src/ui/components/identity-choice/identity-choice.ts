import { type Html, html } from "#lib/html/html";
import type { Content } from "#ui/components/options";

export interface Identity {
  readonly value: string;
  readonly name: Content;
  /** 本人 / 个体工商户经营者 / 受托办理至 12 月 31 日 */
  readonly role: Content;
}

export interface IdentityChoiceOptions {
  readonly action: string;
  readonly name: string;
  /** The hidden field against forged requests. */
  readonly token: Html;
  readonly identities: readonly Identity[];
}

/** On whose behalf: one button each, nothing to type. */
export function identityChoice({ action, name, token, identities }: IdentityChoiceOptions): Html {
  return html`<form class="zt-identities" action="${action}" method="post">${token}<ul>${identities.map(
    (identity) =>
      html`<li><button type="submit" name="${name}" value="${identity.value}"><strong>${identity.name}</strong><span>${identity.role}</span></button></li>`,
  )}</ul></form>`;
}
