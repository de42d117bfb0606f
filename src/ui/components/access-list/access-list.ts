import { type Html, html, join } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import type { Content } from "#ui/components/options";
import { type ReceiptOptions, receipt } from "#ui/components/receipt/receipt";
import { time } from "#ui/components/time/time";

export interface DataAccess {
  readonly at: Temporal.Instant;
  /** The authority, and the post or system that looked. */
  readonly by: Content;
  /** What they did, where it was something else than reading. */
  readonly did?: Content | undefined;
  /** Which data: 姓名、证件号码 */
  readonly what: Content;
  readonly register: string;
  /** For what, under which law. */
  readonly purpose: Content;
  readonly basis: Content;
  readonly case?: { readonly href: string; readonly number: string } | undefined;
  readonly refused?: boolean | undefined;
  readonly receipt: Omit<ReceiptOptions, "language">;
}

export interface AccessListOptions {
  readonly language: Language;
  readonly accesses: readonly DataAccess[];
  /** Where the person asks why, or objects. */
  readonly objectHref?: ((access: DataAccess) => string) | undefined;
}

const READ = text("查询了", "read");
const TRIED = text("试图查询，被拒绝：", "tried to read and was refused: ");
const PURPOSE = text("用途", "Purpose");
const BASIS = text("依据", "Legal basis");
const CASE = text("办件", "Case");
const OBJECT = text("对此有异议", "I object to this");

/** Who looked at my data: when, who, what, for what, on which basis, with the proof. */
export function accessList({ language, accesses, objectHref }: AccessListOptions): Html {
  return html`<ol class="zt-accesses">${accesses.map((access) => entry(access, language, objectHref))}</ol>`;
}

function entry(access: DataAccess, language: Language, objectHref: AccessListOptions["objectHref"]): Html {
  const said = html`<strong>${access.by}</strong> ${access.did ?? (access.refused ? TRIED : READ)[language]} ${access.what}`;
  const object = objectHref ? html`<a class="govuk-link" href="${objectHref(access)}">${OBJECT[language]}</a>` : "";
  const file = access.case
    ? html`<div><dt>${CASE[language]}</dt><dd><a class="govuk-link" href="${access.case.href}">${access.case.number}</a></dd></div>`
    : "";
  return html`<li class="zt-access${access.refused ? " zt-access--refused" : ""}"><p class="zt-access__at">${time(access.at, language)}<span>${access.register}</span></p><div><p class="zt-access__said">${said}</p><dl class="zt-access__why"><div><dt>${PURPOSE[language]}</dt><dd>${access.purpose}</dd></div><div><dt>${BASIS[language]}</dt><dd>${access.basis}</dd></div>${file}</dl><p class="zt-access__more">${join([receipt({ ...access.receipt, language }), object], " ")}</p></div></li>`;
}
