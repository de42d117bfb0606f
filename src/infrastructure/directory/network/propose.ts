import type { Context } from "#kernel/system/context";
import type { KnownPart, NodeEntry } from "#lib/directory/entries";
import { assemble, type DirectoryView } from "#lib/directory/view";
import type { directory } from "../contract.ts";
import { type DirectoryChange, writeChange } from "./change.ts";
import { knownOf, type Membership, readMembership, readParts } from "./rows.ts";

type Proposing = Pick<Context<typeof directory, Record<never, never>, never>, "act" | "now" | "registers" | "tables">;

export interface Standing {
  readonly membership: Membership;
  readonly view: DirectoryView;
  /** Whether a node's entry stands in the part of this node: of those below it, and of the centre its own. */
  publishes(node: NodeEntry): boolean;
}

/** The directory as this node has it, whether or not it has expired: what is proposed now is checked anew when it is decided. */
export async function standing(ctx: Pick<Proposing, "tables" | "now">): Promise<Standing | undefined> {
  const membership = await readMembership(ctx.tables.read());
  if (membership === undefined) return undefined;
  const view = standingView(membership, knownOf(await readParts(ctx.tables.read())), ctx.now);
  const publishes = ({ above, code }: NodeEntry) => (above ?? code) === membership.node;
  return view === undefined ? undefined : { membership, view, publishes };
}

/** What the kept parts say, expired or not. */
export function standingView(
  { node: self }: Membership,
  known: ReadonlyMap<string, KnownPart>,
  now: string,
): DirectoryView | undefined {
  const parts = [...known.values()].flatMap(({ document }) => document ?? []);
  parts.sort((a, b) => (a.division < b.division ? -1 : 1)); // wider ones first: zeros come before digits
  const view = assemble({ self, parts, now, isPartial: true });
  return "fault" in view ? undefined : view;
}

/** Enters a proposal, which another official decides; undefined where no official acts. */
export async function enterProposal(
  ctx: Proposing,
  change: DirectoryChange,
  reason: string,
): Promise<{ readonly id: string } | undefined> {
  const { principal } = ctx.act;
  if (principal.kind !== "official") return undefined;
  const id = await ctx.registers.directoryChange.put({
    ...writeChange(change),
    ...{ reason, status: "proposed", proposedBy: principal.id, proposedAt: ctx.now },
  });
  return { id };
}
