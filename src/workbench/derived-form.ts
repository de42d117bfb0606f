import { directory } from "#infrastructure/directory";
import type { ObjectSchema } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Text, text } from "#lib/language/text";
import type { FieldDescriptor } from "#ui/form/descriptor";

/** How a derived form asks for what has no control of its own. */
export interface DerivedForm {
  readonly fields: readonly FieldDescriptor[];
  /** What was read, in the shape of the schema. */
  input(read: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
}

const IN_CHINESE = (title: Text): Text => text(`${title.zh}（中文）`, `${title.en} (Chinese)`);
const IN_ENGLISH = (title: Text): Text => text(`${title.zh}（英文）`, `${title.en} (English)`);

/** The most entries that one list to choose from has. */
const MAX_CHOICES = 200;

interface Definition {
  readonly type: string;
  readonly innerType?: { readonly _zod: { readonly def: Definition } };
  readonly shape?: Readonly<Record<string, unknown>>;
}

function definitionOf(schema: unknown): Definition {
  let definition = (schema as { readonly _zod: { readonly def: Definition } })._zod.def;
  while (definition.innerType) definition = definition.innerType._zod.def;
  return definition;
}

function isBothLanguages(schema: unknown): boolean {
  const { type, shape } = definitionOf(schema);
  return type === "object" && shape !== undefined && "zh" in shape && "en" in shape;
}

/** The fields of a schema: a text in both languages is asked twice, duties and entries of the directory are chosen. */
export async function derivedForm(site: Site, request: PageRequest, schema: ObjectSchema): Promise<DerivedForm> {
  const twice = new Set<string>();
  const fields: FieldDescriptor[] = [];
  for (const field of formDescriptors(schema)) {
    if (isBothLanguages(schema.shape[field.name])) {
      twice.add(field.name);
      fields.push({ ...field, name: `${field.name}-zh`, kind: "text", title: IN_CHINESE(field.title) });
      fields.push({ ...field, name: `${field.name}-en`, kind: "text", title: IN_ENGLISH(field.title) });
      continue;
    }
    const options = field.options ? undefined : await choicesOf(site, request, field.name);
    if (!options) fields.push(field);
    else fields.push({ ...field, kind: field.name === "duties" ? "checkboxes" : "select", options });
  }
  return {
    fields,
    input: (read) => {
      const shaped: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(read)) {
        const [, base = "", language = ""] = /^(.+)-(zh|en)$/.exec(name) ?? [];
        if (!twice.has(base)) shaped[name] = value;
        else shaped[base] = { ...(shaped[base] as object | undefined), [language]: value };
      }
      return shaped;
    },
  };
}

/** What a field of this name may be: entries of the directory, or the duties that contracts name. */
async function choicesOf(site: Site, request: PageRequest, name: string): Promise<FieldDescriptor["options"]> {
  switch (name) {
    case "duties":
      return dutiesOf(site);
    case "authority":
    case "parent":
      return (await authorities(request)).map(({ id, name: title }) => ({ value: id, title }));
    case "post":
      return postChoices(request);
    case "official":
    case "standIn":
      return officialChoices(request);
    default:
      return undefined;
  }
}

function nodeDoors(request: PageRequest) {
  return request.front(directory, { purpose: "administration", asNode: directory.id });
}

async function authorities(request: PageRequest) {
  const found = await nodeDoors(request).listAuthorities({});
  return isRefusal(found) ? [] : found.items.slice(0, MAX_CHOICES);
}

async function postChoices(request: PageRequest): Promise<FieldDescriptor["options"]> {
  const choices = [];
  for (const { id, name } of await authorities(request)) {
    const posts = await nodeDoors(request).listPosts({ authority: id });
    for (const post of isRefusal(posts) ? [] : posts.items) {
      choices.push({
        value: post.id,
        title: text(`${name.zh} · ${post.title.zh}`, `${name.en} · ${post.title.en}`),
      });
    }
  }
  return choices.slice(0, MAX_CHOICES);
}

async function officialChoices(request: PageRequest): Promise<FieldDescriptor["options"]> {
  const choices = [];
  for (const { id, name } of await authorities(request)) {
    const officials = await nodeDoors(request).listOfficials({ authority: id });
    for (const one of isRefusal(officials) ? [] : officials.items) {
      choices.push({ value: one.id, title: text(`${name.zh} · ${one.name}`, `${name.en} · ${one.name}`) });
    }
  }
  return choices.slice(0, MAX_CHOICES);
}

/** Duties that belong to no operation: what the kernel itself asks for. */
const KERNEL_DUTIES: Readonly<Record<string, Text>> = {
  "audit.read": text("审计：查看全部，不作更改", "Audit: sees everything, changes nothing"),
  "counter.file": text("窗口代办", "Files at the counter"),
};

/** Every duty that a contract asks for, with what it lets one do. */
export function dutiesOf(site: Site): readonly { readonly value: string; readonly title: Text }[] {
  const uses = new Map<string, Text[]>(Object.entries(KERNEL_DUTIES).map(([duty, title]) => [duty, [title]]));
  const note = (duty: string | undefined, title: Text) => {
    if (duty !== undefined) uses.set(duty, [...(uses.get(duty) ?? []), title]);
  };
  for (const { contract } of site.kernel.systems.values()) {
    for (const operation of Object.values(contract.operations)) {
      if (operation.audience.includes("official")) note(operation.duty, operation.title);
    }
    for (const { procedure } of Object.values(contract.services)) {
      for (const { duty, title } of Object.values(procedure.tasks)) note(duty, title);
    }
    if (Object.keys(contract.registers).length > 0) {
      note(`${contract.id}.read`, text(`查阅${contract.title.zh}`, `Reads: ${contract.title.en}`));
    }
  }
  return [...uses]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([value, titles]) => ({ value, title: dutyTitle(value, titles) }));
}

const SHOWN_USES = 3;

function dutyTitle(duty: string, titles: readonly Text[]): Text {
  const shown = titles.slice(0, SHOWN_USES);
  const more = titles.length > SHOWN_USES;
  return text(
    `${duty}：${shown.map(({ zh }) => zh).join("、")}${more ? "等" : ""}`,
    `${duty}: ${shown.map(({ en }) => en).join("; ")}${more ? " …" : ""}`,
  );
}
