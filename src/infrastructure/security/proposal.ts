import type { directory } from "#infrastructure/directory";
import type { Sql } from "#kernel/database/sql";
import type { Act, PostRef } from "#kernel/system/act";
import type { Door, Tables } from "#kernel/system/context";
import { sha256Hex } from "#lib/crypto/digest";
import { canonicalize } from "#lib/json/canonical";
import { type Text, text } from "#lib/language/text";
import { type Assessment, type AssessmentGround, assess, type Candidate } from "./assessment.ts";
import { approvedChanges, CHANGES_MAX, type Content, changeByNumber, inForceAt } from "./change.ts";
import { houseOf, postsOf } from "./house.ts";
import { securityPorts } from "./ports.ts";
import { type House, reachOf } from "./reach.ts";

/** What the functions of this room need of a handler's context. */
export interface Room {
  readonly act: Act;
  readonly now: string;
  readonly tables: Tables;
  readonly rooms: { readonly directory: Door<typeof directory> };
}

/** Processes that share the database look again when they hear this. */
export const CHANGED_CHANNEL = "zhengtong_access";
/** Changes are proposed and decided one at a time: each is checked against all before it. */
const LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('zhengtong security changes', 0))";

export interface Official {
  readonly id: string;
  readonly post: PostRef;
}

export function officialOf(act: Act): Official | undefined {
  const { principal } = act;
  return principal.kind === "official" ? { id: principal.id, post: principal.post } : undefined;
}

/** The number of what has none yet; higher than any. */
export const NEW_NUMBER = 1_000_000_000;

/** What a change reaches, read through the doors before anything is written. */
export async function reached(
  room: Pick<Room, "rooms">,
  change: Pick<Candidate, "level" | "authority">,
): Promise<{ readonly house: House; readonly posts: readonly PostRef[] }> {
  const house = await houseOf(room.rooms.directory);
  return { house, posts: await postsOf(room.rooms.directory, reachOf(house, change)) };
}

/** What a change is held against: all that is approved, as the given connection sees it. */
export async function groundOf(
  sql: Sql,
  { house, posts }: { readonly house: House; readonly posts: readonly PostRef[] },
): Promise<AssessmentGround> {
  return { access: securityPorts().access, house, approved: await approvedChanges(sql), posts };
}

/** When something takes effect: as it was wanted, or now where that has passed. */
export function beginningOf(effectiveAt: string | undefined, now: string): number {
  const nowMs = Date.parse(now);
  return effectiveAt === undefined ? nowMs : Math.max(nowMs, Date.parse(effectiveAt));
}

/** Opens the act's transaction and waits until no other change is being made. */
export async function locked(room: Room): Promise<Sql> {
  const sql = await room.tables.write();
  await sql.query(LOCK);
  return sql;
}

export type Objection =
  | { readonly code: "conflicting"; readonly values: { readonly conflict: string } }
  | { readonly code: "locks-out"; readonly values: { readonly authority: string } }
  | { readonly code: "none-to-end"; readonly values: Readonly<Record<string, never>> };

/** Why a change cannot be accepted on this ground; `undefined` where it can. */
export function objectionTo(
  ground: AssessmentGround,
  candidate: Candidate,
  atMs: number,
  language: "zh" | "en",
): Objection | undefined {
  if (candidate.ends !== undefined && !canEnd(ground, candidate, atMs)) return { code: "none-to-end", values: {} };
  const found = assess(ground, candidate, atMs);
  if (found.conflicts.length > 0) return { code: "conflicting", values: { conflict: conflictWords(found)[language] } };
  if (found.lockedOut) return { code: "locks-out", values: { authority: found.lockedOut[language] } };
  return undefined;
}

/** Only what is in force then, of the same authority, and not yet ended by another. */
function canEnd({ approved }: AssessmentGround, { ends, authority }: Candidate, atMs: number): boolean {
  if (approved.some((other) => other.ends === ends)) return false;
  return inForceAt(approved, atMs).some((change) => change.number === ends && change.authority === authority);
}

const CONFLICTS_NAMED = 3;

/** Names posts, actions and policies: a refusal that does not could not be acted upon. */
export function conflictWords({ conflicts }: Pick<Assessment, "conflicts">): Text {
  const shown = conflicts.slice(0, CONFLICTS_NAMED).map(({ rule, post, one, other }) => {
    const policies = [...new Set([...one.policies, ...other.policies])].join(", ");
    return {
      zh: `${rule.words.zh}（${post.authorityName.zh}·${post.title.zh}：${one.work} 与 ${other.work}${policies && `；策略：${policies}`}）`,
      en: `${rule.words.en} (${post.authorityName.en}, ${post.title.en}: ${one.work} and ${other.work}${policies && `; policies: ${policies}`})`,
    };
  });
  const more = conflicts.length - shown.length;
  return text(
    shown.map(({ zh }) => zh).join("") + (more > 0 ? `另有 ${more} 处。` : ""),
    shown.map(({ en }) => en).join(" ") + (more > 0 ? ` And ${more} more.` : ""),
  );
}

export interface NewChange extends Omit<Candidate, "number"> {
  readonly reason: string;
  readonly effectiveAt: string | undefined;
}

/** Writes a proposal and gives its number; `undefined` where there are too many. The ledger's entry names its content's digest. */
export async function insertChange(
  room: Room & Pick<ConcernedRoom, "concerns" | "nextNumber">,
  official: Official,
  change: NewChange,
): Promise<number | undefined> {
  const number = await room.nextNumber("change");
  if (number > CHANGES_MAX) return undefined;
  const sql = await room.tables.write();
  const digest = digestOf(change.content);
  await sql.execute(
    `INSERT INTO security.change (number, level, authority, content, digest, ends, reason, effective_at,
       proposed_by, proposed_post, proposed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      number,
      change.level,
      change.authority,
      JSON.stringify(change.content),
      digest,
      change.ends ?? null,
      change.reason,
      change.effectiveAt ?? null,
      official.id,
      official.post.id,
      room.now,
    ],
  );
  noteChange(room, official.id, { number, digest });
  return number;
}

interface ConcernedRoom {
  concerns(subject: { readonly kind: "official"; readonly id: string; readonly attributes: readonly string[] }): void;
  nextNumber(sequence: string): Promise<number>;
}

/** The ledger's entry of the act says which change it was, and what that says. */
export function noteChange(
  room: Pick<ConcernedRoom, "concerns">,
  official: string,
  { number, digest }: { readonly number: number; readonly digest: string },
): void {
  room.concerns({ kind: "official", id: official, attributes: [`change ${number}`, `sha256 ${digest}`] });
}

export function digestOf(content: Content): string {
  return sha256Hex(canonicalize(content));
}

/** A change that an official's authority made. */
export async function ownChange(sql: Sql, official: Official, number: number) {
  const change = await changeByNumber(sql, number);
  return change?.authority === official.post.authority ? change : undefined;
}
