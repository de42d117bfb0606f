import type { Bind, RowColumns } from "#lib/cedar/row-sql";
import type { AccessRequest, Decision } from "../access/access.ts";
import { entryColumns } from "../registers/entry-types.ts";
import type { RegisterShape } from "../registers/shape.ts";
import type { Kernel } from "./kernel.ts";

/** Which rows of a register an operation may read: as SQL that goes into the register's own statements. */
export interface ListedRows {
  readonly register: string;
  readonly where: (bind: Bind) => string;
}

/** What policies are asked about each entry of a list. */
export function listColumns(shape: RegisterShape, caseId: string | undefined): RowColumns {
  return {
    resource: {},
    entry: entryColumns(shape),
    context:
      caseId === undefined
        ? {}
        : { caseId: { type: "text", nullable: false, write: (bind) => `${bind(caseId)}::text` } },
  };
}

/** Decides about an operation; about one that lists entries, about each of them as well, before any is read. */
export function decideListing(
  kernel: Pick<Kernel, "access" | "registers">,
  request: AccessRequest,
  lists: string | undefined,
): Decision & { readonly rows?: ListedRows } {
  const store = lists === undefined ? undefined : kernel.registers.get(`${request.room}.${lists}`);
  if (lists === undefined || store === undefined) return kernel.access.decide(request);
  const { where, ...decision } = kernel.access.decideRows(request, listColumns(store.shape, request.act.caseId));
  return { ...decision, ...(where && { rows: { register: lists, where } }) };
}
