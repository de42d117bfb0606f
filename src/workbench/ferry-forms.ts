import { LOOK, network } from "#infrastructure/network";
import type { ObjectSchema } from "#kernel/contract/contract";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import type { PageRequest } from "#kernel/http/page";
import { attributes, type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import type { FieldDescriptor, FormErrors, FormValues } from "#ui/form/descriptor";
import { renderForm } from "#ui/form/render-form";
import { formFields, holds } from "./frame.ts";

export const FERRY = "/workbench/ferry";
const SUBMIT = text("确认", "Confirm");

/** Whether the post takes part in the ferry. */
export function isFerryPost(request: PageRequest): boolean {
  return holds(request, LOOK);
}

export function ferryDoors(request: PageRequest) {
  return request.front(network, { purpose: "administration" });
}

/** What of a form came back, and why. */
export interface ShownForm {
  readonly does?: string;
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problem?: Text;
}

type OperationName = keyof (typeof network)["operations"];

/** What an operation asks a person; what the page knows is left out. */
export function askedOf(operation: OperationName, known: readonly string[] = []): readonly FieldDescriptor[] {
  const schema = network.operations[operation].input as ObjectSchema;
  return formDescriptors(schema).filter(({ name }) => !known.includes(name));
}

/** One thing that can be done on a page of the ferry, as a form of its own. */
export function actionForm(
  request: PageRequest,
  form: {
    readonly path: string;
    readonly does: string;
    readonly title: Text;
    readonly fields: readonly FieldDescriptor[];
    readonly shown: ShownForm;
    readonly submit?: Text;
    readonly lead?: Html;
    readonly after?: Html;
    readonly hidden?: Readonly<Record<string, string>>;
    readonly uploads?: true;
  },
): Html {
  const { language } = request;
  const mine = form.shown.does === form.does;
  const context = {
    language,
    values: (mine && form.shown.values) || {},
    errors: mine ? form.shown.errors : undefined,
  };
  const sending = attributes({
    action: form.path,
    method: "post",
    enctype: form.uploads && "multipart/form-data",
    novalidate: true,
  });
  const hidden = Object.entries({ ...form.hidden, do: form.does }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<section class="zt-sheet"><h2>${form.title[language]}</h2>${form.lead ?? NOTHING}<form${sending}>${formFields(request)}${hidden}${renderForm(form.fields, context)}${form.after ?? NOTHING}<div class="zt-actions">${button(
    { text: (form.submit ?? SUBMIT)[language], preventDoubleClick: true },
  )}</div></form></section>`;
}
