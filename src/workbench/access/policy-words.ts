import { security } from "#infrastructure/security";
import { grantId, kernelPolicyTexts } from "#kernel/access/base-policies";
import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";

const CHANGE_POLICY = /^(?:authority|superior)\.(\d{1,9})$/;
const GRANT = text("契约授予", "Granted by the contract");
const GRANT_DUTY = text("契约授予：职责 {duty}", "Granted by the contract: duty {duty}");
const KERNEL = text("平台规则：{words}", "Rule of the platform: {words}");
const AUTHORITY = text("本机关策略：{words}", "Policy of the authority: {words}");
const SUPERIOR = text("上级禁止：{words}", "Forbidden from above: {words}");

/** What each of these policies says, in the reader's language; one of a change leads to it, also when it is no longer in force. */
export async function policyWordsOf(
  site: Site,
  request: PageRequest,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Html>> {
  const words = new Map<string, Html>();
  const kernel = kernelPolicyTexts();
  const grants = new Map(
    site.kernel.access.actions.flatMap((action) =>
      action.grants.map((grant) => [grantId(action, grant), grant.duty] as const),
    ),
  );
  const { language } = request;
  for (const id of new Set(ids)) {
    const own = kernel[id];
    if (own) words.set(id, html`${fill(KERNEL, { words: own[language] })[language]}`);
    else if (CHANGE_POLICY.test(id)) words.set(id, await ofChange(request, id));
    else {
      const duty = grants.get(id);
      words.set(id, html`${duty === undefined ? GRANT[language] : fill(GRANT_DUTY, { duty })[language]}`);
    }
  }
  return words;
}

async function ofChange(request: PageRequest, id: string): Promise<Html> {
  const { language } = request;
  const number = Number(CHANGE_POLICY.exec(id)?.[1]);
  const doors = request.front(security, { purpose: "administration", asNode: security.id });
  const change = number > 999_999_999 ? undefined : await doors.findChange({ number });
  if (!change || isRefusal(change) || change.content.kind !== "policy") return html`<code>${id}</code>`;
  const frame: Text = change.level === "superior" ? SUPERIOR : AUTHORITY;
  const said = fill(frame, { words: change.content.words[language] })[language];
  return html`<a class="govuk-link" href="/workbench/access/changes/${number}">${said}</a>`;
}

/** A list of policies in words. */
export function policyList(ids: readonly string[], words: ReadonlyMap<string, Html>): Html {
  return html`<ul class="govuk-list">${ids.map((id) => html`<li>${words.get(id) ?? id}</li>`)}</ul>`;
}
