import { isRefusal } from "#kernel/contract/refusal";
import type { Sql, Transaction } from "#kernel/database/sql";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { tellChange } from "./changed.ts";
import { contractRoomCode } from "./contract-types.ts";
import { outageRetryMs } from "./delivery-state.ts";
import { compileSchema } from "./event-schema.ts";
import { newId } from "./new-id.ts";
import { LETTERS_ROOM } from "./transit.ts";

/** How often the other node is asked anew what a type looks like: its contract may have gained attributes. */
const ASK_AGAIN_MS = 86_400_000;
/** One round asks about so many. */
const ASKED_AT_ONCE = 20;
const RETENTION_DAYS = 365;
const REASON_MAX_CHARACTERS = 200;
const CONTRACT_ROOM = contractRoomCode("");

/**
 * What a room of another node is called here. Rooms of contracts are called the same on every node that keeps one: of another node they
 * are told apart by its code.
 */
export function followedRoomCode(node: string, room: string): string {
  return room.startsWith(CONTRACT_ROOM) && room !== LETTERS_ROOM
    ? `zhengtong/NODE/${node}/${room.slice(CONTRACT_ROOM.length)}`
    : room;
}

interface FollowedRow {
  readonly id: string;
  readonly node: string;
  readonly room: string;
  readonly type: string;
  readonly here: string;
  readonly since: string;
  readonly state: "asked" | "in-force" | "ending";
  readonly failures: number;
}

/** What the other node says of a type to which it lets this one subscribe. */
interface Described {
  readonly title: string;
  readonly schema: object;
  readonly orderBy?: string;
  readonly priority: "urgent" | "normal" | "bulk";
}

/** What the other node answers where it sends nothing in any case. */
const NOTHING_SENT: ReadonlySet<string> = new Set(["room-unknown", "not-admitted", "subscription-unknown"]);

/** Asks other nodes for what this one follows, as far as that is due. An event that comes before its room is there is sent again. */
export async function tendFollowed(kernel: Kernel): Promise<void> {
  if (kernel.elsewhere === undefined) return;
  const due = await kernel.database.query<FollowedRow>(
    `SELECT id, node, room, type, here, since, state, failures FROM events.followed
     WHERE state <> 'ended' AND due_at <= $1 ORDER BY due_at LIMIT $2`,
    [kernel.now(), ASKED_AT_ONCE],
  );
  await Promise.all(due.map((row) => tend(kernel, row)));
}

async function tend(kernel: Kernel, row: FollowedRow): Promise<void> {
  const { room, type, since } = row;
  const outcome =
    row.state === "ending"
      ? await ask(kernel, row, "endFollowing", { room, type })
      : await ask(kernel, row, "beginFollowing", { room, type, since });
  if (isRefusal(outcome) && !(row.state === "ending" && NOTHING_SENT.has(outcome.code))) {
    return await putOff(kernel, row, outcome.code);
  }
  await kernel.database.transaction(async (tx) => {
    if (row.state === "ending") {
      await tx.query("UPDATE events.followed SET state = 'ended' WHERE id = $1", [row.id]);
      return;
    }
    const problem = await keepType(tx, kernel.now(), row, outcome as Described);
    await tx.query(
      `UPDATE events.followed SET state = CASE state WHEN 'asked' THEN 'in-force' ELSE state END, failures = 0, last_error = $2,
         due_at = CASE state WHEN 'ending' THEN due_at ELSE $3::timestamptz END WHERE id = $1`,
      [row.id, problem ?? null, after(kernel, ASK_AGAIN_MS)],
    );
  });
}

function ask(kernel: Kernel, row: FollowedRow, operation: string, input: object): Promise<unknown> {
  const act: Act = {
    id: kernel.newId(),
    principal: { kind: "node", room: "events" },
    purpose: "administration",
    legalBasis: [],
    zone: kernel.zone,
    language: "zh",
    at: kernel.now(),
    // Each time it is asked anew: what it says of the type may have changed.
    idempotencyKey: sha256Hex(utf8(`${row.id} ${operation} ${kernel.now()}`)),
  };
  return kernel.elsewhere?.transport.carry(row.node, act, { room: "events", operation, input }) ?? Promise.reject();
}

async function putOff(kernel: Kernel, row: FollowedRow, reason: string): Promise<void> {
  const failures = row.failures + 1;
  await kernel.database.execute(
    "UPDATE events.followed SET failures = $2, last_error = $3, due_at = $4 WHERE id = $1 AND state <> 'ended'",
    [row.id, failures, reason.slice(0, REASON_MAX_CHARACTERS), after(kernel, outageRetryMs(failures))],
  );
}

function after(kernel: Kernel, ms: number): string {
  return new Date(Date.parse(kernel.now()) + ms).toISOString();
}

/** The type as its node describes it. In a room that an official opened here, a type that is there stays as it is. */
async function keepType(
  tx: Transaction,
  now: string,
  { node, room, type, here }: FollowedRow,
  { title, schema, orderBy, priority }: Described,
): Promise<string | undefined> {
  const compiled = compileSchema(schema);
  if (!compiled.ok) return compiled.problem.slice(0, REASON_MAX_CHARACTERS);
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('zhengtong events types', 0))");
  await tx.query(
    `INSERT INTO events.room (id, code, title, retention_days, opened_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [newId(now), here, title, RETENTION_DAYS, now],
  );
  await tx.query(
    `INSERT INTO events.type AS t (id, room, name, schema, order_by, priority, defined_at)
     SELECT $1, r.id, $3, $4, $5, $6, $7 FROM events.room r WHERE r.code = $2
     ON CONFLICT (room, name) WHERE removed_at IS NULL
     DO UPDATE SET schema = CASE WHEN $8 THEN excluded.schema ELSE t.schema END`,
    [newId(now), here, type, JSON.stringify(schema), orderBy ?? null, priority, now, here !== room],
  );
  await tx.query(
    `INSERT INTO events.participant AS p (id, room, member, may_publish, may_subscribe, may_manage, target, admitted_at)
     SELECT $1, r.id, $3, true, false, false, $3, $4 FROM events.room r WHERE r.code = $2
     ON CONFLICT (room, member) WHERE dismissed_at IS NULL DO UPDATE SET may_publish = true`,
    [newId(now), here, `node:${node}`, now],
  );
  return undefined;
}

/** Has the node of a followed type asked at once what it looks like now: something came that does not fit. */
export async function askAnew(
  sql: Sql,
  { origin, room, type }: { readonly origin: string; readonly room: string; readonly type: string },
  now: string,
): Promise<void> {
  const touched = await sql.execute(
    "UPDATE events.followed SET due_at = $4 WHERE node = $1 AND room = $2 AND type = $3 AND state = 'in-force' AND due_at > $4",
    [origin, room, type, now],
  );
  if (touched > 0) await tellChange(sql);
}
