import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isText, LANGUAGES, type Text } from "#lib/language/text";
import { actionsOf } from "../access/action.ts";
import { ASSURANCE_MINUTES_MAX, type AssuranceNeed } from "../contract/assurance.ts";
import {
  type Contract,
  extensionDaysOf,
  LIMITS_OF_LAW,
  type ObjectSchema,
  type Operation,
  type Procedure,
  type Register,
  type Service,
} from "../contract/contract.ts";
import { DOOR_REFUSALS } from "../contract/door-refusals.ts";
import { type FieldKind, fieldMeta, unwrapped } from "../contract/field.ts";
import { unboundedInputs } from "../derived/unbounded-inputs.ts";
import { at, type Problem, repeated, type Say, when } from "./problem.ts";

const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const CAMEL = /^[a-z][A-Za-z0-9]*$/;
/** What a diagram names: tasks, messages, slots, notices. */
const ELEMENT = /^[a-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*$/;
const DUTY = /^[a-z][a-z-]*(?:\.[a-z][a-z-]*)+$/;
const VERSION = /^\d+\.\d+$/;
const NUMBER_PREFIX = /^[A-Z]{2,8}$/;

/** What is wrong with a contract by itself. */
export function contractProblems(contract: Contract): readonly Problem[] {
  const say = at(contract.id);
  const names = (["operations", "registers", "services", "procedures", "events"] as const).flatMap((part) =>
    Object.keys(contract[part]).flatMap((name) =>
      when(!CAMEL.test(name), say("the name is not camelCase", part, name)),
    ),
  );
  return [
    ...when(!KEBAB.test(contract.id), say("the id is not kebab-case")),
    ...when(!VERSION.test(contract.version), say(`the version ${contract.version} is not major.minor`)),
    ...names,
    ...repeated(actionsOf(contract).map((action) => action.id)).map((id) =>
      at(id)("a register and a service of this name are the same action"),
    ),
    ...textProblems(contract, contract.id),
    ...unboundedInputs(contract).map((path) => say("it has no greatest size", path)),
    ...Object.entries(contract.operations).flatMap(([name, operation]) =>
      operationProblems(say, name, { operation, registers: contract.registers }),
    ),
    ...Object.entries(contract.registers).flatMap(([name, register]) => registerProblems(say, name, register)),
    ...Object.entries(contract.procedures).flatMap(([name, procedure]) =>
      procedureProblems(at(contract.id, "procedures", name), procedure),
    ),
    ...Object.entries(contract.services).flatMap(([name, service]) => serviceProblems(contract, name, service)),
  ];
}

/** Every text of a contract says something in both languages, and fills in the same values. */
function textProblems(value: unknown, where: string): readonly Problem[] {
  if (typeof value !== "object" || value === null || value instanceof URL || "_zod" in value) return [];
  if (isText(value)) return onText(value, where);
  return Object.entries(value).flatMap(([name, part]) => textProblems(part, `${where}.${name}`));
}

function onText(text: Text, where: string): readonly Problem[] {
  const empty = LANGUAGES.filter((language) => text[language].trim() === "");
  const [zh, en] = LANGUAGES.map((language) => [...text[language].matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
  const differ = [...new Set(zh)].sort().join() !== [...new Set(en)].sort().join();
  return [
    ...empty.map((language) => at(where)(`the ${language} text is missing`)),
    ...when(differ, at(where)("the two languages fill in different values")),
  ];
}

function operationProblems(
  say: Say,
  name: string,
  { operation, registers }: { readonly operation: Operation; readonly registers: Contract["registers"] },
): readonly Problem[] {
  const { audience, duty } = operation;
  const official = audience.includes("official");
  const own = (message: string) => say(message, "operations", name);
  return [
    ...when(audience.length === 0, own("nobody may call it")),
    ...when(official && duty === undefined, own("officials may call it, and no duty is named")),
    ...when(!official && duty !== undefined, own("it names a duty, and officials may not call it")),
    ...when(duty !== undefined && !DUTY.test(duty), own(`the duty ${duty} is not of the form area.act`)),
    ...when(
      operation.assurance !== undefined && audience.includes("public"),
      own("it needs assurance of who acts, and anybody may call it"),
    ),
    ...assuranceProblems(own, operation.assurance),
    ...when(
      typeof operation.lists === "string" && !(operation.lists in registers),
      own(`it lists ${String(operation.lists)}, and its room has no such register`),
    ),
    ...when(operation.lists !== undefined && operation.kind !== "query", own("it lists, and is no query")),
    ...when(
      operation.lists !== undefined && operation.unfiltered !== undefined,
      own("its list is filtered, and it says why it is not"),
    ),
    ...when(
      operation.concerns !== undefined && !(operation.concerns in attributesOf(operation.input)),
      own(`its input has no attribute ${operation.concerns} that could hold the division concerned`),
    ),
    ...Object.keys(operation.refusals).flatMap((code) => [
      ...when(!KEBAB.test(code), own(`the refusal ${code} is not kebab-case`)),
      ...when(code in DOOR_REFUSALS, own(`the refusal ${code} is one that every door has`)),
    ]),
  ];
}

function attributesOf(input: Operation["input"]): object {
  return "shape" in input && typeof input.shape === "object" && input.shape !== null ? input.shape : {};
}

function assuranceProblems(own: (message: string) => Problem, need: AssuranceNeed | undefined): readonly Problem[] {
  const { withinMinutes = 1 } = need ?? {};
  const sensible = Number.isInteger(withinMinutes) && withinMinutes >= 1 && withinMinutes <= ASSURANCE_MINUTES_MAX;
  return when(!sensible, own(`a proof is fresh for 1 to ${ASSURANCE_MINUTES_MAX} whole minutes`));
}

function registerProblems(say: Say, name: string, register: Register): readonly Problem[] {
  const { subject, schema, retention } = register;
  const own = (message: string, ...path: string[]) => say(message, "registers", name, ...path);
  const { kind, by } = subject;
  return [
    ...when(kind !== "none" && by === undefined, own("it does not say which attribute holds its subject")),
    ...when(kind === "none" && by !== undefined, own("it has no subject, and names an attribute for it")),
    ...when(
      by !== undefined && by !== "key" && !(by in schema.shape),
      own(`its subject's attribute ${by} does not exist`),
    ),
    ...when(
      kind === "person" && register.legalBasis.length === 0,
      own("it is about persons, and cites no legal basis"),
    ),
    ...when(retention !== "permanent" && !(retention.years > 0), own("its retention is not a number of years")),
    ...Object.entries(schema.shape).flatMap(([attribute, type]) => {
      const meta = fieldMeta(type as ObjectSchema);
      return [
        ...when(meta === undefined, own("the attribute has no title", attribute)),
        ...when(
          meta?.sensitive === true && meta.lookup === "name",
          own("a sensitive attribute is not found by words", attribute),
        ),
        ...fieldProblems(own, attribute, type as ObjectSchema),
      ];
    }),
  ];
}

/** The type of value that each kind of field gives. */
const FIELD_TYPES: Readonly<Record<FieldKind, readonly string[]>> = {
  text: ["string"],
  textarea: ["string"],
  number: ["number", "int"],
  date: ["string"],
  radios: ["enum", "literal", "union"],
  checkboxes: ["array"],
  select: ["enum", "string", "union"],
  boolean: ["boolean"],
  file: ["string", "object", "array"],
  "identity-number": ["string"],
  mobile: ["string"],
  money: ["string"],
};

function fieldProblems(own: Say, name: string, schema: ObjectSchema): readonly Problem[] {
  const meta = fieldMeta(schema);
  if (!meta) return [];
  const definition = base(schema);
  const wrong = meta.kind !== undefined && !FIELD_TYPES[meta.kind]?.includes(definition.type);
  const unnamed = optionsOf(schema).filter((value) => meta.options?.[value] === undefined);
  return [
    ...textProblems({ title: meta.title, hint: meta.hint, options: meta.options }, own("", name).where),
    ...when(wrong, own(`a ${meta.kind} field cannot hold a ${definition.type}`, name)),
    ...unnamed.map((value) => own(`the option ${value} has no text`, name)),
  ];
}

function base(schema: ObjectSchema): { readonly type: string } {
  return (unwrapped(schema) as ObjectSchema)._zod.def;
}

/** The values between which a field chooses, also where it chooses several. */
function optionsOf(schema: ObjectSchema): readonly string[] {
  const definition = base(schema) as { type: string; entries?: Record<string, string>; element?: ObjectSchema };
  if (definition.type === "enum") return Object.values(definition.entries ?? {}).map(String);
  return definition.type === "array" && definition.element ? optionsOf(definition.element) : [];
}

function formProblems(own: Say, form: ObjectSchema): readonly Problem[] {
  return Object.entries(form.shape).flatMap(([name, schema]) => [
    ...when(fieldMeta(schema as ObjectSchema) === undefined, own("the field has no title", name)),
    ...fieldProblems(own, name, schema as ObjectSchema),
  ]);
}

function procedureProblems(say: Say, procedure: Procedure): readonly Problem[] {
  const { tasks, messages, slots, notices } = procedure;
  const names = Object.entries({ tasks, messages, slots, notices }).flatMap(([part, named]) =>
    Object.keys(named).flatMap((name) =>
      when(!ELEMENT.test(name), say("the name is not one of an element", part, name)),
    ),
  );
  return [
    ...when(
      procedure.diagram.protocol !== "file:" || !existsSync(fileURLToPath(procedure.diagram)),
      say(`there is no diagram at ${procedure.diagram}`),
    ),
    ...names,
    ...Object.entries(tasks).flatMap(([name, task]) => [
      ...when(!DUTY.test(task.duty), say(`the duty ${task.duty} is not of the form area.act`, "tasks", name)),
      ...assuranceProblems((message) => say(message, "tasks", name), task.assurance),
      ...formProblems((message, ...path) => say(message, "tasks", name, "form", ...path), task.form),
    ]),
    ...Object.entries(messages).flatMap(([name, message]) => [
      ...when(
        message.from !== "applicant" && !DUTY.test(message.from.duty),
        say("the duty of the sender is not of the form area.act", "messages", name),
      ),
      ...when(
        message.notice !== undefined && !(message.notice in notices),
        say(`it answers with the notice ${message.notice}, which is not declared`, "messages", name),
      ),
      ...formProblems((text, ...path) => say(text, "messages", name, "form", ...path), message.form),
    ]),
    ...partyProblems(say, procedure),
  ];
}

/** What speaks of interested parties needs the rules for them, and someone who names them. */
function partyProblems(say: Say, { messages, notices, parties }: Procedure): readonly Problem[] {
  const spoken = [
    ...Object.entries(messages).flatMap(([name, message]) => (message.parties ? [["messages", name]] : [])),
    ...Object.entries(notices).flatMap(([name, notice]) => (notice.to === undefined ? [] : [["notices", name]])),
  ];
  if (!parties)
    return spoken.map((path) => say("it is of interested parties, for whom the procedure has no rules", ...path));
  return [
    ...when(parties.duties.length === 0, say("nobody names interested parties", "parties")),
    ...when(!(parties.answerDays > 0), say("interested parties have no days to answer", "parties")),
  ];
}

function serviceProblems(contract: Contract, name: string, service: Service): readonly Problem[] {
  const say = at(contract.id, "services", name);
  const { promisedDays, statutoryDays, lawDays } = service.limits;
  const frame = LIMITS_OF_LAW[service.limits.joint ? "joint" : "single"];
  const ownProcedure = Object.values(contract.procedures).includes(service.procedure);
  return [
    ...when(service.applicants.length === 0, say("nobody may apply")),
    ...Object.entries(service.offers ?? {}).flatMap(([field, { operation }]) =>
      when(
        !(field in service.form.shape) || contract.operations[operation]?.kind !== "query",
        say(`for ${field} it offers what ${operation} answers, and has no such field or query`),
      ),
    ),
    ...Object.entries(service.procedure.tasks).flatMap(([task, { shows = [] }]) =>
      shows.flatMap((element) =>
        when(!(element in service.procedure.tasks), say(`the task ${task} shows ${element}, which is none`)),
      ),
    ),
    ...when(
      !NUMBER_PREFIX.test(service.numberPrefix),
      say(`the number prefix ${service.numberPrefix} is not of two or more capitals`),
    ),
    ...when(
      !(promisedDays > 0 && promisedDays <= statutoryDays && statutoryDays <= lawDays),
      say("the limits are not: promised, at most the statutory, at most the law's"),
    ),
    ...when(
      lawDays > frame.lawDays || extensionDaysOf(service.limits) > frame.extensionDays,
      say(`the limits exceed the law's ${frame.lawDays} working days and ${frame.extensionDays} more (行政许可法 §42)`),
    ),
    ...when(service.legalBasis.length === 0, say("it cites no legal basis")),
    ...formProblems((message, ...path) => say(message, "form", ...path), service.form),
    ...(service.shownToParties ?? []).flatMap((field) =>
      when(!(field in service.form.shape), say(`the form has no ${field} to show`, "shownToParties")),
    ),
    ...Object.entries(service.facts).flatMap(([fact, { alsoAsked }]) =>
      when(
        alsoAsked !== undefined && !(alsoAsked in service.form.shape),
        say(`the form does not ask for ${alsoAsked}`, "facts", fact),
      ),
    ),
    ...Object.entries(service.materials).flatMap(([material, { maxBytes, mediaTypes }]) => [
      ...when(!(maxBytes > 0), say("it has no greatest size", "materials", material)),
      ...when(mediaTypes.length === 0, say("it takes no type of file", "materials", material)),
    ]),
    // A procedure that another room exports is examined there.
    ...(ownProcedure ? [] : procedureProblems(at(contract.id, "services", name, "procedure"), service.procedure)),
  ];
}
