import type {
  ContractDocument,
  EventDocument,
  OperationDocument,
  ProcedureDocument,
  RegisterDocument,
  ServiceDocument,
} from "./contract-document.ts";
import type { JsonSchema } from "./json-schema.ts";
import { type Mismatch, mismatches, removedProperties } from "./schema-compatibility.ts";

/** A promise of the older contract that the newer one does not keep. */
export interface BreakingChange {
  /** `population.operations.findPerson.input.id` */
  readonly where: string;
  readonly message: string;
}

/**
 * What a newer version of a contract breaks for those who rely on the older one. A new major version may break
 * everything. Within one, contracts only add:
 * - what callers send must still be taken, and what they read must still be given, within the bounds they were told;
 * - a refusal that is added breaks: the codes are a closed set, and a caller has no answer for a new one;
 * - an audience, an applicant, an option of a form may be added, not taken away; a duty, and the division that an operation
 *   concerns, stay what they are;
 * - what is promised to people (working days, how long data are kept) may become better for them, not worse;
 * - how surely it must be known who acts may rise: people prove it and go on, and a program has an answer for `assurance-needed`;
 * - texts, and the course of a procedure, may change: running cases stay on the version with which they began.
 */
export function compareContracts(before: ContractDocument, now: ContractDocument): readonly BreakingChange[] {
  if (before.id !== now.id) return [{ where: before.id, message: `its id is now ${now.id}` }];
  if (major(now) > major(before)) return [];
  if (compareVersions(now.version, before.version) < 0) {
    return [{ where: before.id, message: `the version went back from ${before.version} to ${now.version}` }];
  }
  return [
    ...below("operations", compareNamed(before.operations, now.operations, operationChanges)),
    ...below("registers", compareNamed(before.registers, now.registers, registerChanges)),
    ...below("services", compareNamed(before.services, now.services, serviceChanges)),
    ...below("procedures", compareNamed(before.procedures, now.procedures, procedureChanges)),
    ...below("events", compareNamed(before.events, now.events, eventChanges)),
  ].map(({ path, message }) => ({ where: `${before.id}.${path}`, message }));
}

/** Whether a contract changed at all without a higher version. */
export function versionStoodStill(before: ContractDocument, now: ContractDocument): boolean {
  return before.version === now.version && JSON.stringify(before) !== JSON.stringify(now);
}

function major(contract: ContractDocument): number {
  return Number(contract.version.split(".")[0]);
}

function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split(".").map(Number)) as [number[], number[]];
  return (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0);
}

/** Compares what has the same name, and reports what is gone. */
function compareNamed<T>(
  before: Readonly<Record<string, T>>,
  now: Readonly<Record<string, T>>,
  changes: (before: T, now: T) => readonly Mismatch[],
): readonly Mismatch[] {
  return Object.entries(before).flatMap(([name, old]) => {
    const kept = now[name];
    if (kept === undefined) return [{ path: name, message: "it was removed or renamed" }];
    return below(name, changes(old, kept));
  });
}

function below(name: string, found: readonly Mismatch[]): readonly Mismatch[] {
  return found.map(({ path, message }) => ({ path: path === "" ? name : `${name}.${path}`, message }));
}

/** What was sent must still be taken. */
function taken(part: string, before: JsonSchema, now: JsonSchema): readonly Mismatch[] {
  return below(part, onceEach([...removedProperties(before, now), ...mismatches(before, now)]));
}

/** What was read must still be given. */
function given(part: string, before: JsonSchema, now: JsonSchema): readonly Mismatch[] {
  return below(part, onceEach([...removedProperties(before, now), ...mismatches(now, before)]));
}

/** A property that is gone is not also reported as missing. */
function onceEach(found: readonly Mismatch[]): readonly Mismatch[] {
  return found.filter((one, index) => found.findIndex(({ path }) => path === one.path) === index);
}

function unequal(path: string, before: unknown, now: unknown): readonly Mismatch[] {
  const [old, young] = [JSON.stringify(before), JSON.stringify(now)];
  return old === young ? [] : [{ path, message: `${old ?? "nothing"} became ${young ?? "nothing"}` }];
}

function gone(path: string, before: readonly string[], now: readonly string[]): readonly Mismatch[] {
  return before.filter((one) => !now.includes(one)).map((one) => ({ path, message: `${one} was taken away` }));
}

function operationChanges(before: OperationDocument, now: OperationDocument): readonly Mismatch[] {
  const added = Object.keys(now.refusals).filter((code) => !(code in before.refusals));
  return [
    ...unequal("kind", before.kind, now.kind),
    ...unequal("duty", before.duty, now.duty),
    ...unequal("concerns", before.concerns, now.concerns),
    ...gone("audience", before.audience, now.audience),
    ...taken("input", before.input, now.input),
    ...given("output", before.output, now.output),
    ...added.map((code) => ({ path: `refusals.${code}`, message: "callers have no answer for a refusal that is new" })),
  ];
}

function registerChanges(before: RegisterDocument, now: RegisterDocument): readonly Mismatch[] {
  return [
    ...unequal("subject", before.subject, now.subject),
    ...longerKept(before.retention, now.retention),
    // Entries that are there must fit, and whoever reads them must find what was promised.
    ...below(
      "schema",
      onceEach([
        ...removedProperties(before.schema, now.schema),
        ...mismatches(before.schema, now.schema),
        ...mismatches(now.schema, before.schema),
      ]),
    ),
    ...Object.entries(before.schema.properties ?? {}).flatMap(([name, attribute]) => {
      const kept = now.schema.properties?.[name];
      if (!kept) return [];
      const path = `schema.${name}`;
      return [
        ...unequal(`${path}.sensitive`, attribute["x-sensitive"] ?? false, kept["x-sensitive"] ?? false),
        ...(attribute["x-lookup"] === undefined
          ? []
          : unequal(`${path}.lookup`, attribute["x-lookup"], kept["x-lookup"])),
      ];
    }),
  ];
}

function longerKept(before: RegisterDocument["retention"], now: RegisterDocument["retention"]): readonly Mismatch[] {
  const years = (retention: typeof before) => (retention === "permanent" ? Infinity : retention.years);
  return years(now) > years(before) ? [{ path: "retention", message: "data would be kept longer than promised" }] : [];
}

function serviceChanges(before: ServiceDocument, now: ServiceDocument): readonly Mismatch[] {
  const limits = (["promisedDays", "statutoryDays", "lawDays"] as const).filter(
    (limit) => now.limits[limit] > before.limits[limit],
  );
  const demanded = Object.entries(now.materials).filter(
    ([name, { required }]) => required && !before.materials[name]?.required,
  );
  return [
    ...gone("applicants", before.applicants, now.applicants),
    ...gone("forOthers", before.forOthers ?? [], now.forOthers ?? []),
    ...unequal("numberPrefix", before.numberPrefix, now.numberPrefix),
    ...taken("form", before.form, now.form),
    ...limits.map((limit) => ({ path: `limits.${limit}`, message: "it would take longer than promised" })),
    ...demanded.map(([name]) => ({ path: `materials.${name}`, message: "it was not asked for before" })),
    ...Object.entries(before.materials).flatMap(([name, old]) => {
      const kept = now.materials[name];
      if (!kept) return [];
      return [
        ...gone(`materials.${name}.mediaTypes`, old.mediaTypes, kept.mediaTypes),
        ...(kept.maxBytes < old.maxBytes ? [{ path: `materials.${name}.maxBytes`, message: "less is taken" }] : []),
      ];
    }),
  ];
}

function procedureChanges(before: ProcedureDocument, now: ProcedureDocument): readonly Mismatch[] {
  const unbound = Object.keys(now.slots).filter((slot) => !(slot in before.slots));
  return [
    ...given("variables", before.variables, now.variables),
    ...below(
      "tasks",
      compareNamed(before.tasks, now.tasks, (old, kept) => unequal("duty", old.duty, kept.duty)),
    ),
    ...below(
      "messages",
      compareNamed(before.messages, now.messages, (old, kept) => unequal("from", old.from, kept.from)),
    ),
    ...gone("slots", Object.keys(before.slots), Object.keys(now.slots)),
    ...unbound.map((slot) => ({ path: `slots.${slot}`, message: "items that use the procedure do not bind it" })),
  ];
}

function eventChanges(before: EventDocument, now: EventDocument): readonly Mismatch[] {
  return given("payload", before.payload, now.payload);
}
