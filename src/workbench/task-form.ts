import type { TaskDeclaration } from "#kernel/contract/contract";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { inputIssues } from "#kernel/system/input-issues";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { fileUpload } from "#ui/components/file-upload/file-upload";
import type { FieldDescriptor } from "#ui/form/descriptor";
import { type FormContext, renderField } from "#ui/form/render-form";
import { isYesNo } from "./case-content.ts";
import { heldPhotographs, type Photograph } from "./photographs.ts";

const OUTCOME = "outcome";
const NEEDED_FOR = text("选择{options}时必须填写", "Needed for: {options}");

export interface TaskForm extends FormContext {
  readonly photographs?: Readonly<Record<string, readonly Photograph[]>>;
}

/**
 * The form of a step. What only one outcome needs stands under that outcome; points that are met or not are two big buttons;
 * photographs come from the camera of a phone.
 */
export function taskForm(site: Site, request: PageRequest, declaration: TaskDeclaration, form: TaskForm): Html {
  const fields = formDescriptors(declaration.form);
  const needs = neededFor(declaration, fields);
  const under = new Map(fields.flatMap((field) => ownerOf(field, fields, needs).map((value) => [field.name, value])));
  const shown = fields.filter(({ name }) => !under.has(name));
  return html`${shown.map((field) => {
    if (field.name === OUTCOME && field.kind === "radios") return outcomeField(field, { fields, under, form });
    if (field.kind === "file") return photographField(site, request, field, form);
    const hinted = withHint(field, needs.get(field.name), fields);
    const drawn = renderField(hinted, form);
    return isYesNo(field) ? html`<div class="zt-yes-no">${drawn}</div>` : drawn;
  })}`;
}

/** By field: the outcomes that need it. The form's own rules are asked, outcome by outcome. */
function neededFor(
  declaration: TaskDeclaration,
  fields: readonly FieldDescriptor[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const needs = new Map<string, Set<string>>();
  for (const { value } of fields.find(({ name }) => name === OUTCOME)?.options ?? []) {
    const probe = Object.fromEntries(
      fields.filter(({ required }) => required).map((field) => [field.name, sampleOf(field)]),
    );
    const parsed = declaration.form.safeParse({ ...probe, [OUTCOME]: value });
    if (parsed.success) continue;
    for (const { path } of inputIssues(parsed.error, declaration.form)) {
      needs.set(path, (needs.get(path) ?? new Set()).add(value));
    }
  }
  return needs;
}

function sampleOf(field: FieldDescriptor): unknown {
  if (field.options) return field.options[0]?.value;
  return field.kind === "date" ? "2026-01-01" : field.kind === "number" ? 1 : "-";
}

/** The one outcome that a field belongs to: the only one that needs it, or the one that it is named after. */
function ownerOf(
  field: FieldDescriptor,
  fields: readonly FieldDescriptor[],
  needs: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  if (field.name === OUTCOME || field.required) return [];
  const outcomes = fields.find(({ name }) => name === OUTCOME)?.options?.map(({ value }) => value) ?? [];
  const named = outcomes.find((value) => field.name.startsWith(value));
  const only = [...(needs.get(field.name) ?? [])];
  return only.length === 1 && outcomes.length > 1 ? only : named === undefined ? [] : [named];
}

function withHint(
  field: FieldDescriptor,
  needed: ReadonlySet<string> | undefined,
  fields: readonly FieldDescriptor[],
): FieldDescriptor {
  const outcomes = fields.find(({ name }) => name === OUTCOME)?.options ?? [];
  if (!needed || needed.size === 0) return field;
  if (needed.size === outcomes.length) return { ...field, required: true };
  const called = outcomes.filter(({ value }) => needed.has(value)).map(({ title }) => title);
  const said: Text = text(
    fill(NEEDED_FOR, { options: called.map((title) => `“${title.zh}”`).join("、") }).zh,
    fill(NEEDED_FOR, { options: called.map((title) => title.en).join("; ") }).en,
  );
  const hint = field.hint ? text(`${said.zh}。${field.hint.zh}`, `${said.en}. ${field.hint.en}`) : said;
  return { ...field, hint };
}

/** The outcomes as radio buttons; what one of them alone needs follows, and shows with it (workbench.css, no script). */
function outcomeField(
  field: FieldDescriptor,
  given: {
    readonly fields: readonly FieldDescriptor[];
    readonly under: ReadonlyMap<string, string>;
    readonly form: TaskForm;
  },
): Html {
  const { form, fields, under } = given;
  const dependent = (field.options ?? []).map(({ value }, index) => {
    const own = fields.filter(({ name }) => under.get(name) === value);
    return own.length === 0
      ? NOTHING
      : html`<div class="zt-only zt-only--${index + 1}">${own.map((one) => renderField({ ...one, required: true }, form))}</div>`;
  });
  return html`${renderField(field, form)}${dependent}`;
}

function photographField(site: Site, request: PageRequest, field: FieldDescriptor, form: TaskForm): Html {
  const { language } = form;
  return html`${fileUpload({
    language,
    id: field.name,
    name: field.name,
    label: { text: field.title[language] },
    hint: field.hint?.[language],
    errorMessage: form.errors?.[field.name]?.[language],
    multiple: true,
    // On a phone the camera opens; elsewhere the attribute says nothing.
    attributes: { accept: "image/jpeg,image/png", capture: "environment" },
  })}${heldPhotographs(site, request, field.name, form.photographs?.[field.name] ?? [])}`;
}
