import type { Sql } from "#kernel/database/sql";
import type { NodeEntry } from "#lib/directory/entries";
import { claimedNotice, type NodeNotice, openNotice } from "#lib/directory/joining";
import { knownOf, type Membership, readMembership, readParts } from "./rows.ts";

/** A notice from longer ago may have been kept and sent again. */
const NOTICE_LIFE_MS = 15 * 60_000;

export interface JudgedNotice {
  readonly notice: NodeNotice;
  readonly entry: NodeEntry;
  readonly membership: Membership;
}

/** A notice of a node that this node's part lists, signed with the keys that the part names for its division. */
export async function judgeNoticeOn(
  sql: Sql,
  { note, now }: { readonly note: string; readonly now: string },
): Promise<JudgedNotice | { readonly code: "not-member" | "notice-wrong" } | { code: "no-node"; node: string }> {
  const membership = await readMembership(sql);
  if (membership === undefined) return { code: "not-member" };
  const claimed = claimedNotice(note);
  if (claimed === undefined) return { code: "notice-wrong" };
  const part = knownOf(await readParts(sql)).get(membership.division);
  const own = part?.document;
  const entry = own?.nodes.find(({ code, state }) => code === claimed.node && state !== "left");
  if (entry === undefined) return { code: "no-node", node: claimed.node };
  // The centre stands in its own part.
  const isOwn = entry.code === membership.node;
  const delegated = own?.delegations.find(({ division }) => division === entry.division)?.keys;
  const keys = (isOwn ? part?.keys : delegated) ?? [];
  const ageMs = Math.abs(Date.parse(now) - Date.parse(claimed.at));
  const notice = ageMs <= NOTICE_LIFE_MS ? openNotice(note, keys) : undefined;
  return notice === undefined ? { code: "notice-wrong" } : { notice, entry, membership };
}
