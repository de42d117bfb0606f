import type { CaseFile } from "#kernel/services/case-views";
import { answerBy, isAwaited, type Party } from "#kernel/services/parties";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { tag } from "#ui/components/tag/tag";
import { formatDate, formatInstant } from "#ui/format";

export const PARTIES = text("利害关系人", "Interested parties");
const UNTOLD = text("尚未告知", "Not told yet");
const ON_ITS_WAY = text("告知书待送达", "The notice is to be handed over");
const TOLD = text("{on} 告知，可答复至 {by}", "Told {on}, may answer until {by}");
const SILENT = text("{on} 告知，期限已过，未要求听证", "Told {on}; the period is over, no hearing was asked for");
const ANSWERED = text("{answer}（{at}）", "{answer} ({at})");
const MANAGE = text("列明、登记送达和意见", "Name them, record deliveries and statements");
const SEE = text("查看", "See them");
const APPLICANT = text("申请人", "The applicant");
const NONE = text("没有列明利害关系人", "No interested party is named");
const WAYS: Readonly<Record<string, Text>> = {
  "in-person": text("到场口述", "in person"),
  letter: text("书面", "in writing"),
  telephone: text("电话", "by telephone"),
};

/** Where one stands: told, asked, answered. */
export function partyState(party: Party, page: Pick<CaseFile, "service">, at: string, language: Language): Html {
  const { parties: rules, messages } = page.service.procedure;
  const day = (iso: string) => formatDate(Temporal.PlainDate.from(iso), language);
  if (party.answer !== undefined && party.answeredAt !== undefined) {
    const answer = messages[party.answer]?.title[language] ?? party.answer;
    const said = fill(ANSWERED, { answer, at: formatInstant(Temporal.Instant.from(party.answeredAt), language) });
    return tag({ text: said[language] });
  }
  const last = rules && answerBy(party, rules);
  if (!rules || party.toldOn === undefined || last === undefined) {
    return tag({ text: (party.noticed ? ON_ITS_WAY : UNTOLD)[language], classes: "zt-tag--wait" });
  }
  const words = isAwaited(party, rules, at) ? TOLD : SILENT;
  return tag({ text: fill(words, { on: day(party.toldOn), by: day(last) })[language], classes: "zt-tag--quiet" });
}

/** What one stated, in their words, with when and by which way it came. */
export function partyStatements(page: CaseFile, partyId: string | undefined, language: Language): Html {
  const { messages } = page.service.procedure;
  const said = page.records.filter(({ element, content }) => {
    const declared = Object.hasOwn(messages, element) ? messages[element] : undefined;
    return declared?.parties && content["party"] === partyId && String(content["note"] ?? "") !== "";
  });
  const items = said.map(({ element, content, at }) => {
    const by = content["said"] as { readonly way?: string; readonly on?: string } | undefined;
    const way = by?.way === undefined ? "" : ` · ${WAYS[by.way]?.[language] ?? by.way} ${by.on ?? ""}`;
    return html`<li><strong>${messages[element]?.title[language] ?? element}</strong><p>${String(content["note"])}</p><p class="zt-opinion__by">${formatInstant(Temporal.Instant.from(at), language)}${way}</p></li>`;
  });
  return items.length === 0 ? NOTHING : html`<ul class="govuk-list">${items}</ul>`;
}

/** The interested parties of a case and all that applicant and parties stated: what whoever decides has to answer (行政许可法 §36). */
export function caseParties(page: CaseFile, about: { at: string; language: Language; keeps: boolean }): Html {
  const { language, at, keeps } = about;
  const { parties, application } = page;
  const own = partyStatements(page, undefined, language);
  const ownPart =
    String(own) === "" ? NOTHING : html`<div class="zt-opinion"><h3>${APPLICANT[language]}</h3>${own}</div>`;
  const link = html`<p><a class="govuk-link" href="/workbench/cases/${application.caseId}/parties">${(keeps ? MANAGE : SEE)[language]}</a></p>`;
  if (parties.length === 0) return html`<p>${NONE[language]}</p>${ownPart}${keeps ? link : NOTHING}`;
  const shown = parties.map(
    (party) =>
      html`<div class="zt-opinion"><h3>${party.name}</h3><p>${partyState(party, page, at, language)}</p><p>${party.interest}</p>${partyStatements(page, party.id, language)}</div>`,
  );
  return html`${shown}${ownPart}${link}`;
}
