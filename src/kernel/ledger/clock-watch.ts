import { readFile } from "node:fs/promises";
import { uptime } from "node:os";
import type { Kernel } from "../system/kernel.ts";
import { readSetting, writeSetting } from "../system/settings.ts";
import type { LedgerEntry } from "./entry.ts";
import { CLOCK_ACTOR } from "./limits.ts";

/** How often the clock on the wall is held against the one that only counts. */
export const CLOCK_CHECK_MS = 10_000;
/** How often it is kept what was seen, for the next start. */
export const CLOCK_KEEP_MS = 60_000;
/** A smaller step is none: both clocks are read one after the other, on a machine that does other things. */
export const CLOCK_TOLERANCE_MS = 2_000;
/** The name of what is kept. */
const SETTING = "ledger clock";

/** Both clocks at one moment. */
export interface ClockReading {
  /** Milliseconds since 1970, as the machine has it set. */
  readonly wallMs: number;
  /** Milliseconds since the machine started, sleep included: nobody can set it. */
  readonly countedMs: number;
  /** Which start of the machine; undefined where it does not say. */
  readonly boot: string | undefined;
}

export interface ClockStep {
  /** By how much the wall's clock was set: negative is back. Across starts of the machine it is the least that it was set back. */
  readonly byMs: number;
  /** `start`: it happened while no process of the node ran. */
  readonly while: "running" | "start";
}

/**
 * What happened to the clock between two readings. Within one start of the machine any step is seen; across two, only a time that lies
 * before one that was seen already.
 */
export function clockStep(before: ClockReading, now: ClockReading): number | undefined {
  const sameBoot = before.boot !== undefined && before.boot === now.boot && now.countedMs >= before.countedMs;
  const byMs = sameBoot
    ? now.wallMs - now.countedMs - (before.wallMs - before.countedMs)
    : Math.min(0, now.wallMs - before.wallMs);
  return Math.abs(byMs) > CLOCK_TOLERANCE_MS ? Math.round(byMs) : undefined;
}

async function readClock(): Promise<ClockReading> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined);
  return { wallMs: Date.now(), countedMs: uptime() * 1_000, boot: boot?.trim() };
}

/**
 * Writes each step of the machine's clock into the ledger: while the node runs, and between its starts. Gives what stops it.
 * @param options.read both clocks; tests give their own
 * @param options.onFault a look that failed; the next one looks again
 */
export async function watchClock(
  kernel: Pick<Kernel, "ledger" | "database">,
  options: { readonly read?: () => Promise<ClockReading>; readonly onFault: (fault: unknown) => void },
): Promise<{ look(): Promise<void>; stop(): Promise<void> }> {
  const read = options.read ?? readClock;
  const { database, ledger } = kernel;
  let seen = await readSetting<ClockReading>(database, SETTING);
  let during: ClockStep["while"] = "start";
  let keptMs = Number.NEGATIVE_INFINITY;
  const look = async (): Promise<void> => {
    const now = await read();
    const byMs = seen && clockStep(seen, now);
    if (seen && byMs !== undefined)
      await ledger.append(database, [stepEntry({ byMs, while: during }, { before: seen, now })]);
    // Kept after a step at once: a start between must not tell of it again.
    if (byMs !== undefined || Math.abs(now.countedMs - keptMs) >= CLOCK_KEEP_MS) {
      await writeSetting(database, SETTING, now, new Date(now.wallMs).toISOString());
      keptMs = now.countedMs;
    }
    // The first reading stays the measure: many small steps add up to one that is seen.
    if (seen === undefined || byMs !== undefined || during === "start") seen = now;
    during = "running";
  };
  await look();
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look).catch(options.onFault);
  }, CLOCK_CHECK_MS);
  timer.unref();
  return {
    look,
    async stop() {
      clearInterval(timer);
      await looking;
      const now = await read();
      // Where the database is away, the reading before stays: the next start compares with that.
      await writeSetting(database, SETTING, now, new Date(now.wallMs).toISOString()).catch(options.onFault);
    },
  };
}

function stepEntry(
  step: ClockStep,
  { before, now }: { readonly before: ClockReading; readonly now: ClockReading },
): LedgerEntry {
  return {
    type: "administration",
    at: new Date(now.wallMs).toISOString(),
    room: "ledger",
    operation: "clock",
    actor: { kind: "node", id: CLOCK_ACTOR },
    purpose: "administration",
    legalBasis: [],
    subjects: [],
    outcome: step.byMs < 0 ? "set-back" : "set-forward",
    detail: {
      byMs: step.byMs,
      while: step.while,
      lastSeen: new Date(before.wallMs).toISOString(),
      now: new Date(now.wallMs).toISOString(),
    },
  };
}
