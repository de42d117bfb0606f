import { z } from "zod";
import { field } from "#kernel/contract/field";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import type { PageRequest } from "#kernel/http/page";
import type { OfficialCasePage } from "#kernel/services/case-views";
import { DELIVERY_FORM } from "#kernel/services/name-party";
import type { Party } from "#kernel/services/parties";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { details } from "#ui/components/details/details";
import { radios } from "#ui/components/radios/radios";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { renderForm } from "#ui/form/render-form";
import { formFields } from "./frame.ts";

const MAX_NOTE_CHARACTERS = 2000;
const DELIVER = text("登记送达：{title}", "Record the delivery: {title}");
const PRINT = text("打印文书", "Print the notice");
const STATEMENT = text(
  "登记其意见（到场、来信或来电）",
  "Write down what they said (in person, by letter or telephone)",
);
const WHAT = text("是什么", "What it is");
const RECORD = text("登记", "Record it");

/** How what somebody said reached the authority. */
export const SAID_FORM = z.object({
  way: field(z.enum(["in-person", "letter", "telephone"]), {
    title: text("以何种方式提出", "How it reached you"),
    kind: "radios",
    options: {
      "in-person": text("到场口述", "In person"),
      letter: text("书面", "In writing"),
      telephone: text("电话", "By telephone"),
    },
  }),
  on: field(z.iso.date(), { title: text("收到日期", "Received on"), kind: "date" }),
  note: field(z.string().trim().max(MAX_NOTE_CHARACTERS).optional(), {
    title: text("内容", "What they said"),
    hint: text("如实记录，不作删改", "As they said it"),
    kind: "textarea",
  }),
});
export const SAID_FIELDS = formDescriptors(SAID_FORM);
export const DELIVERY_FIELDS = formDescriptors(DELIVERY_FORM);

/** One of these forms as it was sent, with what is wrong in it. */
export interface EnteredForm {
  /** The id of the party, or of the notice, that the form is about. */
  readonly prefix: string;
  readonly values: FormValues;
  readonly errors: FormErrors;
  readonly what?: string;
}

/** For each notice that waits to be handed over: the paper, and the form that says that it was. */
export function deliveryForms(request: PageRequest, page: OfficialCasePage, party: Party, entered?: EnteredForm): Html {
  const { language } = request;
  const made = page.notices.filter(({ partyId, status }) => partyId === party.id && status === "made");
  return html`${made.map(({ id, kind }) => {
    const title = page.service.procedure.notices[kind]?.title[language] ?? kind;
    const base = `/workbench/cases/${party.caseId}`;
    const form = html`<p><a class="govuk-link" href="${base}/notices/${id}">${PRINT[language]}</a></p><form action="${base}/deliveries/${id}" method="post" novalidate>${formFields(request)}${renderForm(DELIVERY_FIELDS, { language, ...enteredIn(id, entered) })}${button({ text: RECORD[language], preventDoubleClick: true })}</form>`;
    return details({ summary: fill(DELIVER, { title })[language], text: form, open: true });
  })}`;
}

/** What a party said at the counter or in a letter, written down by an official. */
export function statementForm(request: PageRequest, page: OfficialCasePage, party: Party, entered?: EnteredForm): Html {
  const { language } = request;
  const { messages } = page.service.procedure;
  const awaited = new Set(page.view.awaited.map(({ message }) => message));
  const open = Object.entries(messages).filter(
    ([name, { parties, step, answer }]) =>
      parties && (step === "kept" || (awaited.has(name) && !(answer && (party.answer ?? party.toldOn === undefined)))),
  );
  if (open.length === 0) return NOTHING;
  const what = radios({
    language,
    idPrefix: `what-${party.id}`,
    name: "what",
    value: entered?.prefix === party.id ? entered.what : open.find(([, { step }]) => step === "kept")?.[0],
    fieldset: { legend: { text: WHAT[language] } },
    items: open.map(([value, { title }]) => ({ value, text: title[language] })),
  });
  const form = html`<form action="/workbench/cases/${party.caseId}/parties/${party.id}/said" method="post" novalidate>${formFields(request)}${what}${renderForm(SAID_FIELDS, { language, ...enteredIn(party.id, entered) })}${button({ text: RECORD[language], preventDoubleClick: true })}</form>`;
  return details({ summary: STATEMENT[language], text: form, open: entered?.prefix === party.id });
}

function enteredIn(prefix: string, entered: EnteredForm | undefined) {
  return entered?.prefix === prefix ? { prefix, values: entered.values, errors: entered.errors } : { prefix };
}
