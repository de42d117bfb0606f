import type { Sql } from "#kernel/database/sql";
import type { NodeEntry, PartDocument } from "#lib/directory/entries";
import { claimedNotice, type NodeNotice, openNotice } from "#lib/directory/joining";
import type { Registers } from "../implement.ts";
import { openNoteOfJoining } from "./joinings.ts";
import { knownOf, type Membership, readMembership, readParts } from "./rows.ts";

/** A notice from longer ago may have been kept and sent again. */
const NOTICE_LIFE_MS = 15 * 60_000;

/** An operation of this room, as far as judging needs it. */
interface NoticeAct {
  readonly now: string;
  readonly tables: { read(): Sql };
  readonly registers: Pick<Registers, "joining">;
}

export interface JudgedNotice {
  readonly notice: NodeNotice;
  readonly entry: NodeEntry;
  readonly membership: Membership;
}

/** A notice of a node that this node's part lists, signed with that node's own keys. */
export async function judgeNoticeOn(
  { tables, registers, now }: NoticeAct,
  note: string,
): Promise<JudgedNotice | { readonly code: "not-member" | "notice-wrong" } | { code: "no-node"; node: string }> {
  const sql = tables.read();
  const membership = await readMembership(sql);
  if (membership === undefined) return { code: "not-member" };
  const claimed = claimedNotice(note);
  if (claimed === undefined) return { code: "notice-wrong" };
  const part = knownOf(await readParts(sql)).get(membership.division);
  const own = part?.document;
  const entry = own?.nodes.find(({ code, state }) => code === claimed.node && state !== "left");
  if (own === undefined || entry === undefined) return { code: "no-node", node: claimed.node };
  // The centre stands in its own part.
  const isOwn = entry.code === membership.node;
  const keys = isOwn ? (part?.keys ?? []) : await keysOf(registers, own, entry);
  const ageMs = Math.abs(Date.parse(now) - Date.parse(claimed.at));
  const notice = ageMs <= NOTICE_LIFE_MS ? openNotice(note, keys) : undefined;
  return notice === undefined ? { code: "notice-wrong" } : { notice, entry, membership };
}

/**
 * The keys of a node: those that publish the part of its division, where they are its; else those that it joined with. Of two nodes of
 * one division one publishes the part, and it does not speak for the other.
 */
async function keysOf(
  { joining }: NoticeAct["registers"],
  { delegations }: PartDocument,
  { code: node, division }: NodeEntry,
): Promise<readonly string[]> {
  const delegated = delegations.find((one) => one.division === division)?.keys ?? [];
  const own = delegated.filter((line) => line.startsWith(`${node}+`));
  if (own.length > 0) return own;
  const { items } = await joining.find({ node, status: "admitted" }, { limit: 1 });
  const [admitted] = items;
  return admitted === undefined ? [] : openNoteOfJoining(admitted.value.note).request.partKeys;
}
