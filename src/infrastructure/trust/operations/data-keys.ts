/** The keys that seal what the node keeps: what there are, and how one follows another. */
import { resealingProgress } from "#kernel/resealing/resealing";
import { implement } from "../implement.ts";
import {
  addDataKey,
  GENERATIONS_MAX,
  keyEvents,
  lockDataKeys,
  readDataKeys,
  readProposals,
} from "../keys/data-key-rows.ts";
import { keyActOf, move } from "../keys/key-acts.ts";
import { keyPorts } from "../keys/key-ports.ts";
import { mayBecome, mayBeUsed } from "../keys/life-cycle.ts";

/** A new key waits so long before it seals: by then every process on the database has it. */
export const ACTIVATION_DELAY_MS = 30_000;
const PROPOSALS_SHOWN = 50;
const ALGORITHMS = {
  international: ["AES-256-GCM", "AES-256-CTR, HMAC-SHA-256"],
  national: ["SM4-GCM", "SM4-CTR, HMAC-SM3"],
};

export const listDataKeys = implement("listDataKeys", async (ctx) => {
  const sql = ctx.tables.read();
  const [keys, proposals, progress] = await Promise.all([
    readDataKeys(sql),
    readProposals(sql, PROPOSALS_SHOWN),
    resealingProgress(sql),
  ]);
  return {
    keys: keys.map((key) => ({
      ...present(key),
      algorithms: ALGORITHMS[key.suite],
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

export const rotateDataKey = implement("rotateDataKey", async (ctx, { predecessorBecomes, reason }) => {
  const sql = await ctx.tables.write();
  const keys = await lockDataKeys(sql);
  if (keys.some(({ state }) => state === "pre-active")) return ctx.refuse("rotating");
  if (keys.length >= GENERATIONS_MAX) return ctx.refuse("full");
  const ports = keyPorts();
  const made = ports.make();
  const activeFrom = Temporal.Instant.from(ctx.now).add({ milliseconds: ACTIVATION_DELAY_MS }).toString();
  const act = keyActOf(ctx, reason);
  const generation = Math.max(0, ...keys.map((key) => key.generation)) + 1;
  await addDataKey(sql, made, { ...act, generation, activeFrom, predecessorBecomes });
  await ports.record(sql, { what: "data-key-pre-active", holder: { kind: "node", id: made.id }, at: act.at, reason });
  await ports.tendAt(sql, activeFrom);
  return { key: made.id, activeFrom };
});

export const turnDataKeys = implement("turnDataKeys", async (ctx) => {
  const sql = await ctx.tables.write();
  const keys = await lockDataKeys(sql);
  const next = keys.find(({ state }) => state === "pre-active");
  if (next === undefined || Date.parse(next.activeFrom) > Date.parse(ctx.now)) return {};
  const act = keyActOf(ctx, "到期启用 / its time has come");
  const before = keys.find(({ state }) => state === "active");
  // One at most is active, also for a moment.
  if (before) await move(sql, before.id, next.predecessorBecomes, act);
  await move(sql, next.id, "active", act);
  await keyPorts().tendAt(sql, ctx.now);
  return { key: next.id };
});

/** Nothing is sealed any more with the keys before the active one. */
export const noteCleared = implement("noteCleared", async (ctx, { under }) => {
  const sql = await ctx.tables.write();
  const keys = await lockDataKeys(sql);
  const active = keys.find(({ state }) => state === "active");
  // Another has taken its place meanwhile: what was found says nothing about this one.
  if (active?.id !== under) return { keys: [] };
  const cleared = keys.filter(({ clearedAt, endedAt }) => endedAt !== null && clearedAt === null).map(({ id }) => id);
  await sql.execute("UPDATE trust.data_key SET cleared_at = $2 WHERE id = ANY ($1)", [cleared, ctx.now]);
  return { keys: cleared };
});

export const endSuspension = implement("endSuspension", async (ctx, { key: id, reason }) => {
  const sql = await ctx.tables.write();
  const key = (await lockDataKeys(sql)).find((each) => each.id === id);
  if (key === undefined) return ctx.refuse("not-found");
  if (key.state !== "suspended" || !mayBecome(key.state, "deactivated")) return ctx.refuse("not-now");
  // Another protects in its place: it does not come back to that.
  await move(sql, id, "deactivated", keyActOf(ctx, reason));
  return { key: id };
});

/** A column without a value is absent. */
export function present<Row extends object>(row: Row): { [K in keyof Row]: Exclude<Row[K], null> } {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as {
    [K in keyof Row]: Exclude<Row[K], null>;
  };
}
