import { catalogue, type STEP_WORDS } from "#infrastructure/catalogue";
import type { ObjectSchema } from "#kernel/contract/contract";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import type { PageRequest } from "#kernel/http/page";
import { type Html, html } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { details } from "#ui/components/details/details";
import type { FieldDescriptor, FormErrors, FormValues } from "#ui/form/descriptor";
import { renderForm } from "#ui/form/render-form";
import { formFields } from "../frame.ts";

type Step = keyof typeof STEP_WORDS;
type OperationName = keyof typeof catalogue.operations;

/** By which operation each step is taken; steps of one operation are offered once. */
const OPERATIONS: Readonly<Partial<Record<Step, OperationName>>> = {
  "ask-completion": "askCompletion",
  complete: "completeRequest",
  "ask-extension": "askExtension",
  "grant-extension": "decideExtension",
  "decline-extension": "decideExtension",
  consent: "consentRequest",
  refuse: "refuseRequest",
  "confirm-flow": "confirmFlow",
  suspend: "suspendGrant",
  resume: "resumeGrant",
  "propose-end": "proposeGrantEnd",
  "answer-end": "answerGrantEnd",
  "file-end": "fileGrantEnd",
  "file-end-unanswered": "fileGrantEnd",
  keep: "keepGrant",
  "give-up": "giveUpGrant",
  correct: "answerCorrection",
  uphold: "answerCorrection",
  "offer-settlement": "offerSettlement",
  "accept-settlement": "acceptSettlement",
  refer: "referDispute",
  coordinate: "coordinateDispute",
  "accept-coordination": "acceptCoordination",
  "join-acceptance": "acceptCoordination",
  appeal: "appealDispute",
  "appeal-silence": "appealDispute",
  decide: "decideDispute",
};
const WITHDRAWALS: Readonly<Record<string, OperationName>> = {
  request: "withdrawRequest",
  correction: "withdrawCorrection",
  dispute: "withdrawDispute",
};

const SEND = text("提交", "Send");

/** The operations by which the steps that are possible now can be taken. */
export function operationsFor(kind: string, steps: readonly string[]): readonly OperationName[] {
  const found = steps.map((step) => (step === "withdraw" ? WITHDRAWALS[kind] : OPERATIONS[step as Step]));
  return [...new Set(found.filter((name): name is OperationName => name !== undefined))];
}

const LINE_LENGTH_MAX = 4_000;

/** The fields of an operation without the number, which the address has. A list of words is typed line by line. */
export function stepFields(
  operation: OperationName,
  attributes: FieldDescriptor["options"] = [],
): readonly FieldDescriptor[] {
  const { input } = catalogue.operations[operation];
  return formDescriptors(input as ObjectSchema).flatMap((field): readonly FieldDescriptor[] => {
    if (field.name === "number") return [];
    if (field.name === "attributes") return [{ ...field, title: ATTRIBUTES, options: attributes }];
    if (field.name === "subject") return SUBJECT_FIELDS;
    if (field.kind !== "checkboxes" || field.options !== undefined) return [field];
    return [{ ...field, kind: "textarea", maxLength: LINE_LENGTH_MAX }];
  });
}

const ATTRIBUTES = text("有误的信息项", "Attributes that are wrong");
const SUBJECT_ID_LENGTH = 36;
/** Whom a correction is about, in two fields; neither: the resource as a whole. */
const SUBJECT_FIELDS: readonly FieldDescriptor[] = [
  {
    name: "subjectKind",
    title: text("涉及的对象", "About whom"),
    kind: "radios",
    required: false,
    options: [
      { value: "person", title: text("个人", "A person") },
      { value: "organization", title: text("法人和其他组织", "An organization") },
    ],
  },
  {
    name: "subjectId",
    title: text("对象标识", "Identifier"),
    hint: text(
      "接口返回的 id；不针对某一对象的留空",
      "The id that the service gave; empty where it is about no one in particular",
    ),
    kind: "text",
    required: false,
    maxLength: SUBJECT_ID_LENGTH,
  },
];

/** What was read of a form, with its lists as lists. */
export function withLists(
  schema: ObjectSchema,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const lists = new Set(
    formDescriptors(schema)
      .filter(({ kind, options }) => kind === "checkboxes" && options === undefined)
      .map(({ name }) => name),
  );
  const linesOf = (typed: string) =>
    typed
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .filter((line) => line !== "");
  const { subjectKind: kind, subjectId: id, ...rest } = input;
  const read = Object.fromEntries(
    Object.entries(rest).map(([name, typed]) => [
      name,
      lists.has(name) && typeof typed === "string" ? linesOf(typed) : typed,
    ]),
  );
  return kind === undefined && id === undefined ? read : { ...read, subject: { kind, id } };
}

/** One folded form for each thing that can be done; the one that was sent and refused is open, as it was typed. */
export function stepForms(
  request: PageRequest,
  operations: readonly OperationName[],
  about: {
    readonly attributes: FieldDescriptor["options"];
    readonly sent?:
      | { readonly operation: string; readonly values: FormValues; readonly errors: FormErrors }
      | undefined;
  },
): Html {
  const { attributes, sent } = about;
  const { language, path } = request;
  const base = path.replace(/\/do\/.*$/, "");
  return html`${operations.map((operation) => {
    const title: Text = catalogue.operations[operation].title;
    const own = sent?.operation === operation ? sent : undefined;
    const form = html`<form action="${base}/do/${operation}" method="post" novalidate>${formFields(request)}${renderForm(
      stepFields(operation, attributes),
      { language, prefix: operation, values: own?.values, errors: own?.errors },
    )}${button({ text: SEND[language], preventDoubleClick: true })}</form>`;
    return details({ summary: title[language], text: form, open: own !== undefined });
  })}`;
}
