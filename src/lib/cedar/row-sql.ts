import type { PatternElem } from "@cedar-policy/cedar-wasm/nodejs";
import { type CedarRequest, type Evaluate, EvaluationError } from "./expression.ts";
import type { RowHolder, RowOperand, RowTerm } from "./row-term.ts";
import { CedarSet, type CedarValue, type Entity, UNKNOWN } from "./value.ts";

/** Where the database has an attribute. */
export interface RowColumn {
  /** An expression of SQL, NULL where the row does not have the attribute. Whatever comes from outside is bound. */
  readonly write: (bind: Bind) => string;
  readonly type: "text" | "long" | "boolean";
  /** Whether some rows do not have it. */
  readonly nullable: boolean;
}

/** The rows of one list. */
export interface RowColumns {
  readonly resource: Readonly<Record<string, RowColumn>>;
  /** Absent where the rows are no entries of a register. */
  readonly entry?: Readonly<Record<string, RowColumn>> | undefined;
  /** `context.caseId`. */
  readonly context: Readonly<Record<string, RowColumn>>;
  /** The resource's own id as text; absent where it is the same for all rows. */
  readonly id?: string | undefined;
}

/** Takes a value that is bound, and gives what stands for it: `$3`. */
export type Bind = (value: unknown) => string;

/** What a condition comes to: the same for all rows, "failed" where it has no value in any, or for the database to say. */
export type RowSql = boolean | "failed" | RowQuestion;
export interface RowQuestion {
  /** A condition that is NULL of rows in which it fails, as Cedar would. Values are bound in the order in which they occur. */
  readonly write: (bind: Bind) => string;
  /** Whether it cannot fail. */
  readonly total: boolean;
}

/** What a term comes to for this attempt. */
export function rowSql(term: RowTerm, request: CedarRequest, columns: RowColumns): RowSql {
  const of = (part: RowTerm): RowSql => rowSql(part, request, columns);
  switch (term.kind) {
    case "known":
      return truth(known(term.evaluate, request));
    case "attribute": {
      const column = columnOf(columns, term);
      return column?.type === "boolean" ? question(column.write, !column.nullable) : "failed";
    }
    case "present":
      return presence(columns, term);
    case "entry":
      return columns.entry !== undefined;
    case "is":
      return identity([term.entity], request, columns);
    case "within": {
      const ancestors = request.entity(request.resource)?.ancestors;
      if (term.groups.some(({ key }) => ancestors?.has(key))) return true;
      return identity(term.groups, request, columns);
    }
    case "choose":
      return choose(
        of(term.condition),
        () => of(term.yes),
        () => of(term.no),
      );
    case "equal":
      return equal(operand(term.left, request, columns), operand(term.right, request, columns));
    case "order":
      return order(term.operator, operand(term.left, request, columns), operand(term.right, request, columns));
    case "like":
      return like(columnOf(columns, term.left), term.pattern);
    case "one-of":
      return oneOf(known(term.set, request), columnOf(columns, term.member));
  }
}

function question(write: RowQuestion["write"], total: boolean): RowQuestion {
  return { write, total };
}

const FAILED = "NULL::boolean";

function written(part: RowSql, bind: Bind): string {
  return part === "failed" ? FAILED : typeof part === "boolean" ? String(part) : part.write(bind);
}

function isTotal(part: RowSql): boolean {
  return part !== "failed" && (typeof part === "boolean" || part.total);
}

/** What `&&`, `||`, `!` and `if` are: the other side is not looked at, so that its failure does not matter. */
function choose(condition: RowSql, whenTrue: () => RowSql, whenFalse: () => RowSql): RowSql {
  if (condition === "failed") return "failed";
  if (typeof condition === "boolean") return condition ? whenTrue() : whenFalse();
  const [yes, no] = [whenTrue(), whenFalse()];
  if (yes === true && no === false) return condition;
  if (yes === false && no === true) return question((bind) => `(NOT ${condition.write(bind)})`, condition.total);
  const total = condition.total && isTotal(yes) && isTotal(no);
  // SQL's own AND and OR decide where one side is NULL: they are Cedar's where the first side never is.
  if (condition.total && no === false) {
    return question((bind) => `(${condition.write(bind)} AND ${written(yes, bind)})`, total);
  }
  if (condition.total && yes === true) {
    return question((bind) => `(${condition.write(bind)} OR ${written(no, bind)})`, total);
  }
  return question(
    (bind) =>
      `CASE ${condition.write(bind)} WHEN true THEN ${written(yes, bind)} WHEN false THEN ${written(no, bind)} END`,
    total,
  );
}

function columnOf(
  columns: RowColumns,
  { holder, name }: { readonly holder: RowHolder; readonly name: string },
): RowColumn | undefined {
  const held = columns[holder];
  return held !== undefined && Object.hasOwn(held, name) ? held[name] : undefined;
}

function presence(columns: RowColumns, at: { readonly holder: RowHolder; readonly name: string }): RowSql {
  if (at.holder === "entry" && columns.entry === undefined) return "failed";
  const column = columnOf(columns, at);
  if (column === undefined) return false;
  return column.nullable ? question((bind) => `(${column.write(bind)} IS NOT NULL)`, true) : true;
}

function identity(named: readonly Entity[], { resource }: CedarRequest, { id }: RowColumns): RowSql {
  if (id === undefined) return named.some(({ key }) => key === resource.key);
  const ids = named
    .filter((entity) => entity.type === resource.type && canBeStored(entity.id))
    .map((entity) => entity.id);
  return ids.length > 0 && question((bind) => `(${id} = ANY(${bind(ids)}::text[]))`, true);
}

type Operand = { readonly column: RowColumn } | { readonly value: CedarValue } | "failed";

function operand(term: RowOperand, request: CedarRequest, columns: RowColumns): Operand {
  if (term.kind === "known") {
    const value = known(term.evaluate, request);
    return value === undefined ? "failed" : { value };
  }
  const column = columnOf(columns, term);
  return column === undefined ? "failed" : { column };
}

/** `undefined` where it has no value. */
function known(evaluate: Evaluate, request: CedarRequest): CedarValue | undefined {
  try {
    const value = evaluate(request);
    return value === UNKNOWN ? undefined : value;
  } catch (error) {
    if (error instanceof EvaluationError) return undefined;
    throw error;
  }
}

function truth(value: CedarValue | undefined): RowSql {
  return typeof value === "boolean" ? value : "failed";
}

function equal(left: Operand, right: Operand): RowSql {
  if (left === "failed" || right === "failed") return "failed";
  if ("column" in left && "column" in right) {
    const [one, other] = [left.column, right.column];
    const total = !one.nullable && !other.nullable;
    if (one.type === other.type) return question((bind) => `(${one.write(bind)} = ${other.write(bind)})`, total);
    if (total) return false;
    return question(
      (bind) => `CASE WHEN ${one.write(bind)} IS NOT NULL AND ${other.write(bind)} IS NOT NULL THEN false END`,
      total,
    );
  }
  const column = "column" in left ? left.column : "column" in right ? right.column : undefined;
  const value = "value" in left ? left.value : "value" in right ? right.value : undefined;
  if (column === undefined || value === undefined) return "failed"; // terms over what is known alone are known themselves
  if (!fits(column, value)) return unlike(column);
  return question((bind) => `(${column.write(bind)} = ${bind(value)}::${TYPES[column.type]})`, !column.nullable);
}

/** Another type, or a text that no column can hold: different from whatever is there. */
function unlike({ write, nullable }: RowColumn): RowSql {
  return nullable && question((bind) => `CASE WHEN ${write(bind)} IS NOT NULL THEN false END`, false);
}

const TYPES = { text: "text", long: "bigint", boolean: "boolean" } as const;

function fits({ type }: RowColumn, value: CedarValue): boolean {
  if (typeof value === "string") return type === "text" && canBeStored(value);
  return type === "long" ? typeof value === "number" : type === "boolean" && typeof value === "boolean";
}

/** PostgreSQL's text holds no NUL and no half of a surrogate pair. */
function canBeStored(value: string): boolean {
  return !value.includes("\0") && value.isWellFormed();
}

function order(operator: string, left: Operand, right: Operand): RowSql {
  const [one, other] = [numeric(left), numeric(right)];
  if (one === undefined || other === undefined) return "failed";
  return question((bind) => `(${one.write(bind)} ${operator} ${other.write(bind)})`, one.total && other.total);
}

function numeric(side: Operand): RowQuestion | undefined {
  if (side === "failed") return undefined;
  if ("value" in side) {
    const { value } = side;
    return typeof value === "number" ? question((bind) => `${bind(value)}::bigint`, true) : undefined;
  }
  const { column } = side;
  return column.type === "long" ? question(column.write, !column.nullable) : undefined;
}

function like(column: RowColumn | undefined, pattern: readonly PatternElem[]): RowSql {
  if (column?.type !== "text") return "failed";
  const whole = pattern.map((part) => (part === "Wildcard" ? "%" : part.Literal.replace(/[\\%_]/g, "\\$&"))).join("");
  if (!canBeStored(whole)) return unlike(column);
  return question((bind) => `(${column.write(bind)} LIKE ${bind(whole)}::text)`, !column.nullable);
}

function oneOf(set: CedarValue | undefined, column: RowColumn | undefined): RowSql {
  if (!(set instanceof CedarSet) || column === undefined) return "failed";
  const members = set.members.filter((member) => fits(column, member));
  if (members.length === 0) return unlike(column);
  return question(
    (bind) => `(${column.write(bind)} = ANY(${bind(members)}::${TYPES[column.type]}[]))`,
    !column.nullable,
  );
}
