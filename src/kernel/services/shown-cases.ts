import type { Bind, RowColumn, RowColumns } from "#lib/cedar/row-sql";
import type { CaseFacts } from "../access/attempt.ts";
import type { Service } from "../contract/contract.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import type { Application } from "./application.ts";
import { authoritySeen, authoritySeenSql } from "./own-authority.ts";

/** What access policies see of a case. */
export function caseFacts(
  kernel: Kernel,
  act: Act,
  { caseId, authority, applicant, clerkId }: Pick<Application, "caseId" | "authority" | "applicant" | "clerkId">,
): CaseFacts & { readonly id: string } {
  const seen = authoritySeen(kernel, act, authority);
  return { id: caseId, authority: seen, applicant: applicant.kind, counter: clerkId !== undefined };
}

const always = (sql: string, type: RowColumn["type"]): RowColumn => ({ write: () => sql, type, nullable: false });

/** The same of an application that stands as `a` in a statement. */
export function applicationColumns(kernel: Kernel, act: Act): RowColumns {
  return {
    resource: {
      authority: always(authoritySeenSql(kernel, act, "a.authority::text"), "text"),
      applicant: always("a.applicant_kind", "text"),
      counter: always("(a.clerk_id IS NOT NULL)", "boolean"),
    },
    context: { caseId: always("a.case_id::text", "text") },
    id: "a.case_id::text",
  };
}

/** One kind of rows in a list of cases: those of an item, or of one of its steps. */
export interface ShownKind {
  readonly room: string;
  readonly service: string;
  /** `read`, `task.examine` */
  readonly verb: string;
  readonly kind: "query" | "command";
  /** Where the list is of tasks. */
  readonly element?: string;
}

/** The reading of each item's cases, of the rooms that are looked at. */
export function readingOfItems(kernel: Kernel, rooms: readonly string[]): readonly ShownKind[] {
  return itemsOf(kernel, rooms).map(({ room, service }) => ({ room, service, verb: "read", kind: "query" }));
}

/** The seeing of each item's work that stands still. */
export function stoppedOfItems(kernel: Kernel, rooms: readonly string[]): readonly ShownKind[] {
  return itemsOf(kernel, rooms).map(({ room, service }) => ({ room, service, verb: "stopped", kind: "query" }));
}

/** The doing of each step for which a post needs one of these duties. */
export function tasksOfItems(
  kernel: Kernel,
  rooms: readonly string[],
  duties: readonly string[],
): readonly ShownKind[] {
  return itemsOf(kernel, rooms).flatMap(({ room, service, procedure }) =>
    Object.entries(procedure.tasks).flatMap(([element, { duty }]) =>
      duties.includes(duty) ? [{ room, service, element, verb: `task.${element}`, kind: "command" as const }] : [],
    ),
  );
}

function itemsOf(kernel: Kernel, rooms: readonly string[]) {
  return rooms.flatMap((room) =>
    Object.entries(kernel.systems.get(room)?.contract.services ?? {}).map(
      ([service, { procedure }]: readonly [string, Service]) => ({ room, service, procedure }),
    ),
  );
}

/** Which rows of a list a reader may see, as SQL on `c` (the case), `t` (the task) and `a` (the application). */
export interface ShownCases {
  /** `undefined` where he may see all of these kinds, and nothing else stands in the list. */
  readonly where: ((bind: Bind) => string) | undefined;
  /** Whether he may see none. */
  readonly none: boolean;
}

/**
 * Decides about each kind of rows before any is read. Kinds about which the same is decided are asked for together, so that the statement grows
 * with the conditions that policies make, not with the items of the house.
 * @param joined whether the application is joined as `a`; otherwise it is looked up where a condition asks for it
 */
export function shownCases(
  kernel: Kernel,
  act: Act,
  kinds: readonly ShownKind[],
  options: { readonly joined: boolean },
): ShownCases {
  const groups = new Map<
    string,
    { readonly where: ((bind: Bind) => string) | undefined; readonly kinds: ShownKind[] }
  >();
  let denied = 0;
  const columns = applicationColumns(kernel, act);
  for (const kind of kinds) {
    const request = { act, room: kind.room, operation: `${kind.service}.${kind.verb}`, kind: kind.kind } as const;
    const { allowed, where } = kernel.access.decideRows(request, columns);
    if (!allowed) {
      denied += 1;
      continue;
    }
    const name = where?.((value) => JSON.stringify(value)) ?? "";
    const group = groups.get(name) ?? { where, kinds: [] };
    groups.set(name, group);
    group.kinds.push(kind);
  }
  const found = [...groups.values()];
  if (found.length === 0) return { where: undefined, none: true };
  if (denied === 0 && found.every(({ where }) => where === undefined)) return { where: undefined, none: false };
  const where = (bind: Bind): string =>
    `(${found.map((group) => `(${isOneOf(group.kinds, bind)} AND ${shownOf(group.where, bind, options)})`).join(" OR ")})`;
  return { where, none: false };
}

function isOneOf(kinds: readonly ShownKind[], bind: Bind): string {
  const ofTasks = kinds[0]?.element !== undefined;
  const columns = ofTasks ? "(c.room, c.service, t.element)" : "(c.room, c.service)";
  const lists = [kinds.map(({ room }) => room), kinds.map(({ service }) => service)];
  if (ofTasks) lists.push(kinds.map(({ element = "" }) => element));
  return `${columns} IN (SELECT * FROM unnest(${lists.map((list) => `${bind(list)}::text[]`).join(", ")}))`;
}

function shownOf(
  where: ((bind: Bind) => string) | undefined,
  bind: Bind,
  { joined }: { readonly joined: boolean },
): string {
  if (where === undefined) return "true";
  return joined
    ? `(${where(bind)})`
    : `EXISTS (SELECT FROM service.application a WHERE a.case_id = c.id AND (${where(bind)}))`;
}
