/** Looks after the keys that seal: rotates when their time is over, takes new ones into use, seals anew what old ones sealed. */
import type { Logger } from "pino";
import { trust } from "#infrastructure/trust";
import type { Database, Sql } from "#kernel/database/sql";
import { frontOf } from "#kernel/http/pages";
import { addJob, type JobTask } from "#kernel/jobs/jobs";
import { readNote } from "#kernel/ledger/checkpoints";
import { periodGroups } from "#kernel/ledger/period-groups";
import { isSuccessionWanted } from "#kernel/ledger/successions";
import { indexParts, olderDigests } from "#kernel/resealing/index-parts";
import type { SealedPart } from "#kernel/resealing/part";
import { type SealedColumn, sealedParts } from "#kernel/resealing/parts";
import { type Outcome, reseal } from "#kernel/resealing/resealing";
import type { Kernel } from "#kernel/system/kernel";
import { datasetsIndexParts } from "../infrastructure/datasets/index-parts.ts";
import { datasetsColumns } from "../infrastructure/datasets/sealed-columns.ts";
import { keyEntry } from "../infrastructure/trust/key-event.ts";
import {
  type DataKeyKind,
  type DataKeyRow,
  readAllDataKeys,
  takeUntold,
} from "../infrastructure/trust/keys/data-key-rows.ts";
import type { OpenDataKeys } from "../infrastructure/trust/keys/data-keys.ts";
import { provideKeyPorts } from "../infrastructure/trust/keys/key-ports.ts";
import { holdNodeKey } from "../infrastructure/trust/keys/key-processes.ts";
import type { OpenTrust } from "../infrastructure/trust/ports.ts";
import { nodeActOf } from "./node-act.ts";
import { ROOM_DIGESTS } from "./sealed-columns.ts";

const TEND_KEYS = "tend-keys";
/** How often it is looked whether a key's time is over. */
const LOOK_MS = 3_600_000;
/** After a key was taken into use, by then every act that had begun before has ended. */
export const SETTLING_MS = 60_000;

/** Gives the operations on keys what they need of the node. */
export function connectKeys(kernel: Kernel, { dataKeys, heldKeys }: Pick<OpenTrust, "dataKeys" | "heldKeys">): void {
  if (dataKeys === undefined || !kernel.systems.has(trust.id)) return;
  provideKeyPorts({
    make: (kind) => dataKeys.make(kind),
    record: (sql, event) => kernel.ledger.append(sql, [keyEntry(event)]),
    log: async (sql) => {
      const { verifierKey, generation, successions } = await kernel.ledger.keysOfToday(sql);
      const last = successions.at(-1);
      const from = last === undefined ? 0 : readNote(last).size;
      return { verifierKey, generation, from, wanted: await isSuccessionWanted(sql) };
    },
    followLogKey: (sql) => kernel.ledger.wantSuccession(sql),
    held: heldKeys,
    periods: periodGroups,
    tendAt,
  });
}

/** Keeps up with what other processes change of the keys, the node's own among them. Gives what stops it. */
export async function followKeys({
  database,
  trust: { dataKeys, nodeKey },
  log,
}: {
  readonly database: Database;
  readonly trust: Pick<OpenTrust, "dataKeys" | "nodeKey">;
  readonly log: Logger;
}): Promise<() => Promise<void>> {
  const onFault = (fault: unknown) =>
    log.error({ code: (fault as { code?: unknown }).code }, "looking for changed keys failed");
  const stopWatching = await dataKeys?.watch(onFault);
  const release = await holdNodeKey({ database, nodeKey, onFault });
  return async () => {
    await release();
    await stopWatching?.();
  };
}

function tendAt(sql: Sql, at: string): Promise<void> {
  return addJob(sql, TEND_KEYS, {}, { key: TEND_KEYS, runAt: at, yields: true });
}

/** The job; it adds itself again, under one key, and so runs in one process. */
export function keyJobs(
  kernel: Kernel,
  options: {
    readonly dataKeys: OpenDataKeys | undefined;
    readonly columns: readonly SealedColumn[];
    readonly tokenKeys?: OpenTrust["tokenKeys"];
  },
): Readonly<Record<string, JobTask>> {
  const { dataKeys, columns } = options;
  if (dataKeys === undefined) return {};
  return {
    [TEND_KEYS]: async () => {
      await tendAt(kernel.database, later(LOOK_MS));
      // Where one has to be made, it is made before it is noted.
      await options.tokenKeys?.(kernel.now());
      await noteSigningKeys(kernel);
      const next = await tendKeys(kernel, { dataKeys, columns });
      if (next !== undefined) await tendAt(kernel.database, later(next));
    },
  };
}

/** Begins it, at each start of a node; the ledger is told of the node's first key. */
export async function startKeyTending(kernel: Kernel): Promise<void> {
  await kernel.database.transaction(async (tx) => {
    const events = (await takeUntold(tx)).map(({ key, state, at, reason }) =>
      keyEntry({ what: `data-key-${state}`, holder: { kind: "node", id: key }, at, reason }),
    );
    if (events.length > 0) await kernel.ledger.append(tx, events);
  });
  await noteSigningKeys(kernel);
  await addJob(kernel.database, TEND_KEYS, {}, { key: TEND_KEYS, yields: true });
}

/** Has the register of signing keys say what the node holds. */
export async function noteSigningKeys(kernel: Kernel): Promise<void> {
  if (!kernel.systems.has(trust.id)) return;
  await frontOf(kernel, trust, () => nodeActOf(kernel, trust.id)).noteSigningKeys({});
}

const LATE_MS = 1_000;
const NEXT_MS: Readonly<Record<Outcome, number | undefined>> = {
  working: 0,
  again: SETTLING_MS,
  clear: undefined,
  left: undefined,
};

/**
 * Does what is due to the keys.
 * @returns in how many milliseconds it is to be looked again; undefined: at the usual time
 */
export async function tendKeys(
  kernel: Kernel,
  options: {
    readonly dataKeys: Pick<OpenDataKeys, "refresh">;
    readonly columns: readonly SealedColumn[];
    readonly sliceMs?: number;
  },
): Promise<number | undefined> {
  const doors = frontOf(kernel, trust, () => nodeActOf(kernel, trust.id));
  // The keys of periods are sealed under the key of now before an older one can go.
  await kernel.ledger.periods?.tend();
  for (const { kind, state, protectsUntil } of await readAllDataKeys(kernel.database)) {
    if (state !== "active" || !isPast(kernel, protectsUntil)) continue;
    await doors.rotateDataKey({ kind, reason: "使用期限届满 / its originator-usage period is over" });
  }
  await doors.turnDataKeys({});
  await options.dataKeys.refresh();
  const keys = await readAllDataKeys(kernel.database);
  const { database, vault } = kernel;
  const sealing = await tendKind(kernel, options, {
    ...{ kind: "seal", keys: keys.filter(({ kind }) => kind === "seal"), used: () => vault.keyId },
    parts: async () => sealedParts(kernel, [...options.columns, ...(await datasetsColumns(database))]),
  });
  const finding = await tendKind(kernel, options, {
    ...{ kind: "index", keys: keys.filter(({ kind }) => kind === "index"), used: () => vault.indexKeyId },
    parts: async () => indexParts(kernel, await datasetsIndexParts(database, vault)),
    isNeeded: (settledAt) => olderDigests(database, ROOM_DIGESTS, settledAt),
  });
  return sealing === undefined || finding === undefined ? (sealing ?? finding) : Math.min(sealing, finding);
}

/** The keys of one kind: what is to be made anew with the one in use, and whether the others are still needed. */
async function tendKind(
  kernel: Kernel,
  options: { readonly sliceMs?: number },
  about: {
    readonly kind: DataKeyKind;
    readonly keys: readonly DataKeyRow[];
    /** The one that this process uses. */
    readonly used: () => string;
    readonly parts: () => Promise<readonly SealedPart[]>;
    /** Whether the others are needed still, though nothing is to be made anew. */
    readonly isNeeded?: (settledAt: string) => Promise<boolean>;
  },
): Promise<number | undefined> {
  const { kind, keys } = about;
  const doors = frontOf(kernel, trust, () => nodeActOf(kernel, trust.id));
  const active = keys.find(({ state }) => state === "active");
  const waits = keys.find(({ state }) => state === "pre-active");
  // Where its time has come, something older is still open.
  const untilTurnMs = waits && Math.max(LATE_MS, Date.parse(waits.activeFrom) - Date.parse(kernel.now()));
  const old = keys.some(
    ({ state, endedAt, clearedAt }) => state !== "destroyed" && endedAt !== null && clearedAt === null,
  );
  if (active === undefined || !old) return untilTurnMs;
  // This process has not taken it in yet: it would seal with the one before.
  if (about.used() !== active.id) return LATE_MS;
  const settledAt = Temporal.Instant.from(active.activatedAt ?? active.activeFrom)
    .add({ milliseconds: SETTLING_MS })
    .toString();
  const outcome = await reseal({
    database: kernel.database,
    ...{ parts: await about.parts(), what: kind, keyId: active.id },
    settledAt,
    now: kernel.now,
    ...(options.sliceMs !== undefined && { sliceMs: options.sliceMs }),
  });
  if (outcome === "clear" && !(await about.isNeeded?.(settledAt))) await doors.noteCleared({ under: active.id });
  return NEXT_MS[outcome] ?? untilTurnMs;
}

function isPast(kernel: Kernel, instant: string): boolean {
  return Date.parse(instant) <= Date.parse(kernel.now());
}

/** Jobs run by the clock of the machine, whatever the clock of the rooms says. */
function later(milliseconds: number): string {
  return Temporal.Now.instant().add({ milliseconds }).toString();
}
