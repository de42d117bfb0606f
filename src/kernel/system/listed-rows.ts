import type { Bind, RowColumn, RowColumns } from "#lib/cedar/row-sql";
import type { AccessRequest, Decision } from "../access/access.ts";
import type { Operation } from "../contract/contract.ts";
import type { EntryTypes } from "../contract/listing.ts";
import { assert } from "../errors/fault.ts";
import { entryColumns } from "../registers/entry-types.ts";
import type { RegisterShape } from "../registers/shape.ts";
import type { Kernel } from "./kernel.ts";

/** Which rows a list may read, where policies say another thing of one than of the other. A list that did not ask is not given out. */
export class ListedRows {
  readonly #where: (bind: Bind) => string;
  /** The register; absent where the rows are of a table. */
  readonly #register: string | undefined;
  /** Where the statement of a table's list has each attribute. */
  readonly #columns: Map<string, string>;
  #asked = false;

  constructor(of: {
    readonly where: (bind: Bind) => string;
    readonly register: string | undefined;
    readonly columns: Map<string, string>;
  }) {
    this.#where = of.where;
    this.#register = of.register;
    this.#columns = of.columns;
  }

  get wereAsked(): boolean {
    return this.#asked;
  }

  /** The condition for the entries `v` of a register; nothing where another one is listed. */
  ofRegister(register: string): ((bind: Bind) => string) | undefined {
    if (register !== this.#register) return undefined;
    return (bind) => {
      this.#asked = true;
      return this.#where(bind);
    };
  }

  /** The condition for rows of a table. */
  ofTable(columns: Readonly<Record<string, string>>, bind: Bind): string {
    assert(this.#register === undefined, "the operation lists rows of a table");
    for (const [name, sql] of Object.entries(columns)) this.#columns.set(name, sql);
    this.#asked = true;
    return `(${this.#where(bind)})`;
  }
}

/** What policies are asked about each entry of a list. */
export function listColumns(shape: RegisterShape, caseId: string | undefined): RowColumns {
  return { resource: {}, entry: entryColumns(shape), context: contextColumns(caseId) };
}

function contextColumns(caseId: string | undefined): RowColumns["context"] {
  return caseId === undefined
    ? {}
    : { caseId: { type: "text", nullable: false, write: (bind) => `${bind(caseId)}::text` } };
}

const SQL_TYPES = { text: "text", long: "numeric", boolean: "boolean" } as const;

/** @param columns where each attribute is, which is known once the list is made */
function tableColumns(rows: EntryTypes, columns: ReadonlyMap<string, string>): Readonly<Record<string, RowColumn>> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, type]) => {
      const write = (): string => {
        const sql = columns.get(name);
        assert(sql !== undefined, `the list says where its rows have ${name}`);
        return `(${sql})::${SQL_TYPES[type]}`;
      };
      return [name, { type, nullable: true, write }];
    }),
  );
}

/** Decides about an operation; about one that lists, about each row as well, before any is read. */
export function decideListing(
  kernel: Pick<Kernel, "access" | "registers">,
  request: AccessRequest,
  lists: Operation["lists"],
): Decision & { readonly rows?: ListedRows } {
  if (lists === undefined) return kernel.access.decide(request);
  const written = new Map<string, string>();
  const { caseId } = request.act;
  const register = typeof lists === "string" ? lists : undefined;
  const store = register === undefined ? undefined : kernel.registers.get(`${request.room}.${register}`);
  if (register !== undefined && store === undefined) return kernel.access.decide(request);
  const columns =
    store === undefined
      ? {
          resource: {},
          entry: tableColumns(typeof lists === "string" ? {} : lists.rows, written),
          context: contextColumns(caseId),
        }
      : listColumns(store.shape, caseId);
  const { where, ...decision } = kernel.access.decideRows(request, columns);
  return { ...decision, ...(where && { rows: new ListedRows({ where, register, columns: written }) }) };
}

/** Whether an answer has rows in it. */
export function hasRows(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null) return false;
  return Object.values(answer).some((part) => (Array.isArray(part) ? part.length > 0 : hasRows(part)));
}
