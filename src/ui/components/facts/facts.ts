import { classNames, type Html, html, join, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import type { Content } from "#ui/components/options";
import { type ReceiptOptions, receipt } from "#ui/components/receipt/receipt";
import { formatInstant } from "#ui/format";

/** Where a datum comes from. */
export type FactSource =
  | {
      readonly kind: "register";
      readonly register: string;
      readonly askedAt: Temporal.Instant;
      /** Where its person says that it is wrong. */
      readonly wrongHref?: string | undefined;
      readonly receipt?: Omit<ReceiptOptions, "language"> | undefined;
    }
  | { readonly kind: "applicant" }
  | { readonly kind: "upload"; readonly checked: boolean }
  | { readonly kind: "official"; readonly post: string; readonly at: Temporal.Instant }
  | { readonly kind: "note"; readonly text: Content };

export interface Fact {
  readonly label: Content;
  readonly value: Content;
  readonly source?: FactSource | undefined;
  /** What the register says where the application says something else. */
  readonly differsFrom?: Content | undefined;
  /** Change link of a page that reviews answers. */
  readonly change?: { readonly href: string; readonly about: string } | undefined;
}

export interface FactsOptions {
  readonly language: Language;
  /** Who reads: her own facts say 您填写, an official reads 申请人填写. */
  readonly reader?: "applicant" | "official" | undefined;
  readonly facts: readonly Fact[];
}

const FROM = text("来源：{register}，{at} 查询", "From {register}, asked {at}");
const WRONG = text("信息有误，申请更正", "Is this wrong?");
const WRONG_ABOUT = text("（{label}）", " ({label})");
const WRITTEN = {
  applicant: text("您填写", "You wrote this"),
  official: text("申请人填写", "Written by the applicant"),
} as const;
const UPLOADED = {
  applicant: text("您上传", "You uploaded this"),
  official: text("申请人上传", "Uploaded by the applicant"),
} as const;
const CHECKED = text("，已通过安全检查", ", safety check passed");
const UNCHECKED = text("，安全检查尚未完成", ", safety check not finished");
const BY_POST = text("{post}填写，{at}", "Written by {post}, {at}");
const REGISTERED = text("登记信息：", "The register says: ");
const CHANGE = text("更改", "Change");

/** Facts, each with its source, a way to say that it is wrong, and its receipt. */
export function facts({ language, reader = "applicant", facts: list }: FactsOptions): Html {
  return html`<dl class="zt-facts">${list.map((fact) => row(fact, language, reader))}</dl>`;
}

type Reader = NonNullable<FactsOptions["reader"]>;

function row(fact: Fact, language: Language, reader: Reader): Html {
  const differs = fact.differsFrom
    ? html`<p class="zt-facts__differs"><strong>${REGISTERED[language]}</strong>${fact.differsFrom}</p>`
    : NOTHING;
  const change = fact.change
    ? html`<dd class="zt-facts__change"><a class="govuk-link" href="${fact.change.href}">${CHANGE[language]}<span class="govuk-visually-hidden"> ${fact.change.about}</span></a></dd>`
    : NOTHING;
  return html`<div class="${classNames("zt-facts__row", fact.differsFrom && "zt-facts__row--differs")}"><dt>${fact.label}</dt><dd>${fact.value}${differs}${source(fact, language, reader)}</dd>${change}</div>`;
}

function source({ source: from, label }: Fact, language: Language, reader: Reader): Html {
  if (!from) return NOTHING;
  return html`<p class="zt-facts__source">${sourceContent(from, label, { language, reader })}</p>`;
}

function sourceContent(
  from: FactSource,
  label: Content,
  { language, reader }: { language: Language; reader: Reader },
): Html {
  switch (from.kind) {
    case "applicant":
      return html`${WRITTEN[reader][language]}`;
    case "upload":
      return html`${UPLOADED[reader][language]}${(from.checked ? CHECKED : UNCHECKED)[language]}`;
    case "official":
      return html`${fill(BY_POST, { post: from.post, at: formatInstant(from.at, language) })[language]}`;
    case "note":
      return html`${from.text}`;
    case "register": {
      const said = fill(FROM, { register: from.register, at: formatInstant(from.askedAt, language) })[language];
      const about = typeof label === "string" ? fill(WRONG_ABOUT, { label })[language] : "";
      const wrong = from.wrongHref
        ? html`<a class="govuk-link" href="${from.wrongHref}">${WRONG[language]}<span class="govuk-visually-hidden">${about}</span></a>`
        : NOTHING;
      return join([html`<span>${said}</span>`, wrong, from.receipt && receipt({ ...from.receipt, language })], " ");
    }
  }
}
