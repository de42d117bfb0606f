/** The keys that seal what the node keeps: what there are, and how one follows another. */
import { isOpenSince } from "#kernel/database/open-transactions";
import { resealingProgress } from "#kernel/resealing/resealing";
import { implement } from "../implement.ts";
import {
  addDataKey,
  type DataKeyRow,
  GENERATIONS_MAX,
  keyEvents,
  lockDataKeys,
  noteClearedAt,
  readAllDataKeys,
  readProposals,
} from "../keys/data-key-rows.ts";
import { keyActOf, move } from "../keys/key-acts.ts";
import { keyPorts } from "../keys/key-ports.ts";
import { mayBecome, mayBeUsed } from "../keys/life-cycle.ts";

/** A new key waits so long before it seals: by then every process on the database has it. */
export const ACTIVATION_DELAY_MS = 30_000;
export const PROPOSALS_SHOWN = 50;
const ALGORITHMS = {
  seal: {
    international: ["AES-256-GCM", "AES-256-CTR, HMAC-SHA-256"],
    national: ["SM4-GCM", "SM4-CTR, HMAC-SM3"],
  },
  index: { international: ["HMAC-SHA-256"], national: ["HMAC-SM3", "HMAC-SHA-256"] },
};

export const listDataKeys = implement("listDataKeys", async (ctx) => {
  const sql = ctx.tables.read();
  const [keys, proposals, progress] = await Promise.all([
    readAllDataKeys(sql),
    readProposals(sql, PROPOSALS_SHOWN),
    resealingProgress(sql),
  ]);
  return {
    keys: keys.map((key) => ({
      ...present(key),
      algorithms: ALGORITHMS[key.kind][key.suite],
      uses: (["protect", "process"] as const).filter((use) => mayBeUsed(key.state, use)),
    })),
    proposals: proposals.map(({ state, ...proposal }) => ({ ...present(proposal), to: state })),
    progress: [...progress],
  };
});

export const dataKeyHistory = implement("dataKeyHistory", async (ctx, { key }) => {
  const items = await keyEvents(ctx.tables.read(), key);
  return items.length === 0 ? ctx.refuse("not-found") : { items: items.map(present) };
});

export const rotateDataKey = implement("rotateDataKey", async (ctx, { kind, predecessorBecomes, reason }) => {
  const sql = await ctx.tables.write();
  const keys = (await lockDataKeys(sql)).filter((key) => key.kind === kind);
  if (keys.some(({ state }) => state === "pre-active")) return ctx.refuse("rotating");
  if (keys.length >= GENERATIONS_MAX) return ctx.refuse("full");
  const ports = keyPorts();
  const made = ports.make(kind);
  const activeFrom = Temporal.Instant.from(ctx.now).add({ milliseconds: ACTIVATION_DELAY_MS }).toString();
  const act = keyActOf(ctx, reason);
  const generation = Math.max(0, ...keys.map((key) => key.generation)) + 1;
  await addDataKey(sql, made, { ...act, kind, generation, activeFrom, predecessorBecomes });
  await ports.record(sql, { what: "data-key-pre-active", holder: { kind: "node", id: made.id }, at: act.at, reason });
  await ports.tendAt(sql, activeFrom);
  return { key: made.id, activeFrom };
});

export const turnDataKeys = implement("turnDataKeys", async (ctx) => {
  const sql = await ctx.tables.write();
  const keys = await lockDataKeys(sql);
  const turned: DataKeyRow[] = [];
  for (const next of keys.filter(({ state }) => state === "pre-active")) {
    const lateMs = Date.parse(ctx.now) - Date.parse(next.activeFrom);
    if (lateMs < 0) continue;
    // What began before the new one was known does not look for what stands under it.
    if (next.kind === "index" && (await isOpenSince(sql, lateMs))) continue;
    const act = keyActOf(ctx, "到期启用 / its time has come");
    const before = keys.find(({ kind, state }) => kind === next.kind && state === "active");
    // One at most is active, also for a moment.
    if (before) await move(sql, before, next.predecessorBecomes, act);
    await move(sql, next, "active", act);
    turned.push(next);
  }
  if (turned.length > 0) await keyPorts().tendAt(sql, ctx.now);
  return turned[0] === undefined ? {} : { key: turned[0].id };
});

/** Nothing is sealed any more with the keys before the active one, or found by them. */
export const noteCleared = implement("noteCleared", async (ctx, { under }) => {
  const sql = await ctx.tables.write();
  const keys = await lockDataKeys(sql);
  const active = keys.find(({ id }) => id === under);
  // Another has taken its place meanwhile: what was found says nothing about this one.
  if (active?.state !== "active") return { keys: [] };
  const cleared = keys
    .filter((key) => key.kind === active.kind && key.endedAt !== null && key.clearedAt === null)
    .map(({ id }) => id);
  await noteClearedAt(sql, active.kind, cleared, ctx.now);
  return { keys: cleared };
});

export const endSuspension = implement("endSuspension", async (ctx, { key: id, reason }) => {
  const sql = await ctx.tables.write();
  const key = (await lockDataKeys(sql)).find((each) => each.id === id);
  if (key === undefined) return ctx.refuse("not-found");
  if (key.state !== "suspended" || !mayBecome(key.state, "deactivated")) return ctx.refuse("not-now");
  // Another protects in its place: it does not come back to that.
  await move(sql, key, "deactivated", keyActOf(ctx, reason));
  return { key: id };
});

/** A column without a value is absent. */
export function present<Row extends object>(row: Row): { [K in keyof Row]: Exclude<Row[K], null> } {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as {
    [K in keyof Row]: Exclude<Row[K], null>;
  };
}
