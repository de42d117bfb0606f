import type { Register } from "../contract/contract.ts";
import type { Transaction } from "../database/sql.ts";
import { addLookup, addNameSearch, agreement, createTables, dropTables, namesOf } from "./definition.ts";
import { RegisterFault } from "./faults.ts";
import { type AttributeShape, type RegisterShape, shapeOf } from "./shape.ts";

/** An attribute as it is remembered, to tell later what changed. */
interface RecordedAttribute {
  readonly name: string;
  readonly sensitive: boolean;
  readonly lookup: string | null;
  readonly type: string;
  readonly optional: boolean;
}

/**
 * Makes the tables of a register, or adds to them what its contract added: attributes that may be absent, with their columns
 * and indexes. Tables in which nothing was ever recorded are made anew instead.
 * @throws ERR_REGISTER_CHANGED that names every change that needs more than an addition
 */
export async function ensureRegister(
  tx: Transaction,
  room: string,
  name: string,
  declaration: Register,
): Promise<"made" | "extended" | "unchanged"> {
  const shape = shapeOf(room, name, declaration);
  const attributes = shape.attributes.map(recorded);
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('register.ensure', 0))");
  const [known] = await tx.query<{ attributes: readonly RecordedAttribute[] }>(
    "SELECT attributes FROM register.shape WHERE room = $1 AND name = $2",
    [room, name],
  );
  if (known !== undefined && JSON.stringify(sorted(known.attributes)) === JSON.stringify(sorted(attributes))) {
    return "unchanged";
  }
  const problems = known === undefined ? [] : changesBeyondAddition(known.attributes, attributes);
  if (known === undefined) await tx.script(createTables(shape));
  else if (await isUntouched(tx, shape)) await tx.script(`${dropTables(shape)} ${createTables(shape)}`);
  else if (problems.length > 0) {
    throw new RegisterFault("ERR_REGISTER_CHANGED", { register: shape.id, message: problems.join("; ") });
  } else await tx.script(additions(shape, known.attributes));
  await tx.execute(
    `INSERT INTO register.shape (room, name, attributes) VALUES ($1, $2, $3)
     ON CONFLICT (room, name) DO UPDATE SET attributes = excluded.attributes`,
    [room, name, JSON.stringify(attributes)],
  );
  return known === undefined ? "made" : "extended";
}

function recorded(attribute: AttributeShape): RecordedAttribute {
  const { name, sensitive, lookup, type, optional } = attribute;
  return { name, sensitive, lookup: lookup ?? null, type, optional };
}

/** By name, and with the members in one order: jsonb keeps neither. */
function sorted(attributes: readonly RecordedAttribute[]): readonly RecordedAttribute[] {
  return attributes
    .map(({ name, sensitive, lookup, type, optional }) => ({ name, sensitive, lookup, type, optional }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function changesBeyondAddition(
  before: readonly RecordedAttribute[],
  now: readonly RecordedAttribute[],
): readonly string[] {
  const problems: string[] = [];
  for (const old of before) {
    const same = now.find((each) => each.name === old.name);
    if (same === undefined) problems.push(`${old.name} was removed`);
    else problems.push(...changesOf(old, same));
  }
  for (const added of now) {
    if (!before.some((each) => each.name === added.name) && !added.optional) {
      problems.push(`${added.name} is new and must therefore be optional or have a default`);
    }
  }
  return problems;
}

function changesOf(old: RecordedAttribute, now: RecordedAttribute): string[] {
  const problems: string[] = [];
  if (old.sensitive !== now.sensitive)
    problems.push(`${old.name} ${now.sensitive ? "became" : "is no longer"} sensitive`);
  if (old.lookup !== now.lookup) {
    problems.push(`the lookup of ${old.name} changed from ${old.lookup ?? "none"} to ${now.lookup ?? "none"}`);
  }
  if (old.type !== now.type) problems.push(`${old.name} changed from ${old.type} to ${now.type}`);
  if (old.optional && !now.optional) problems.push(`${old.name} is no longer optional`);
  return problems;
}

async function isUntouched(tx: Transaction, shape: RegisterShape): Promise<boolean> {
  const { current, superseded } = namesOf(shape);
  await tx.execute(`LOCK TABLE ${current}, ${superseded} IN ACCESS EXCLUSIVE MODE`);
  const [row] = await tx.query<{ untouched: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM ${current}) AND NOT EXISTS (SELECT FROM ${superseded}) AS untouched`,
  );
  return row?.untouched === true;
}

function additions(shape: RegisterShape, before: readonly RecordedAttribute[]): string {
  const isNew = (attribute: AttributeShape) => !before.some((each) => each.name === attribute.name);
  return [
    ...shape.lookups.filter(isNew).map((each) => addLookup(shape, each)),
    shape.named !== undefined && isNew(shape.named) ? addNameSearch(shape) : "",
    agreement(shape),
  ].join("\n");
}
