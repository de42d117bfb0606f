import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../database/sql.ts";
import type { CheckpointSigner } from "../ports.ts";
import type { LogPosition } from "./checkpoints.ts";
import {
  IDLE_INTERVAL_MS,
  LOCK_RETRY_MS,
  NOT_FOLLOWED_INTERVAL_MS,
  ROUND_INTERVAL_MS,
  SEQUENCE_AGAIN_MS,
  SEQUENCE_WAIT_MS,
  WAKE_WINDOW_MS,
} from "./limits.ts";
import { loadState, type RoundReport, runRound } from "./round.ts";

export const SEQUENCER_LOCK = "zhengtong.ledger.sequencer";

export interface SequencerOptions {
  readonly database: Database;
  readonly signer: CheckpointSigner;
  /** Told of each checkpoint, after it is safe on disk. */
  readonly onCheckpoint?: (report: RoundReport) => void;
  /** Told of a round that failed; it is tried again. */
  readonly onFault?: (fault: unknown) => void;
}

/**
 * Gives entries their index and signs checkpoints. Of several processes on one database one does so, under an advisory
 * lock; the others wait to take over. It keeps no state that is not in the database.
 */
export class Sequencer {
  readonly #options: SequencerOptions;
  #running: Promise<void> | undefined;
  #stopping = false;
  #wakeUntil = 0;
  #interrupt: (() => void) | undefined;
  #tellAgainMs = 0;

  constructor(options: SequencerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopping = false;
    this.#running ??= this.#run();
  }

  /** Ends the round under way, then gives the lock back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#interrupt?.();
    await this.#running;
    this.#running = undefined;
  }

  /** Says that an entry was or is about to be written. Cheap: call it for each. */
  wake(): void {
    const sleeping = performance.now() >= this.#wakeUntil;
    this.#wakeUntil = performance.now() + WAKE_WINDOW_MS;
    if (sleeping) this.#interrupt?.();
  }

  async #run(): Promise<void> {
    const { database, onFault } = this.#options;
    while (!this.#stopping) {
      try {
        await database.tryAdvisoryLock(SEQUENCER_LOCK, (signal) => this.#sequence(signal));
      } catch (fault) {
        onFault?.(fault);
      }
      if (!this.#stopping) await this.#pause(LOCK_RETRY_MS);
    }
  }

  async #sequence(signal: AbortSignal): Promise<void> {
    const { database, signer, onCheckpoint } = this.#options;
    let state = await loadState(database, signer);
    while (!this.#stopping && !signal.aborted) {
      const begunMs = performance.now();
      const round = await runRound(database, state);
      state = round.state;
      if (round.report !== undefined) onCheckpoint?.(round.report);
      if (round.report?.notFollowed !== undefined) this.#tellNotFollowed(round.report.notFollowed);
      if (round.report?.full !== true && !this.#stopping) {
        const intervalMs = begunMs < this.#wakeUntil ? ROUND_INTERVAL_MS : IDLE_INTERVAL_MS;
        await this.#pause(Math.max(0, begunMs + intervalMs - performance.now()));
      }
    }
  }

  /** It is tried again with every round, and told now and then. */
  #tellNotFollowed(fault: unknown): void {
    const nowMs = performance.now();
    if (nowMs < this.#tellAgainMs) return;
    this.#tellAgainMs = nowMs + NOT_FOLLOWED_INTERVAL_MS;
    this.#options.onFault?.(fault);
  }

  #pause(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      this.#interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/**
 * Sequences what is committed now, without a timer: for tests, imports and the command line. An open transaction holds
 * entries back; they are waited for.
 * @param waitMs how long at most; 0 to take what is final already
 * @returns the size of the log, or undefined when another process is the sequencer
 */
export async function sequenceNow(options: SequencerOptions, waitMs = SEQUENCE_WAIT_MS): Promise<number | undefined> {
  const { database, signer, onCheckpoint, onFault } = options;
  const deadline = performance.now() + waitMs;
  const outcome = await database.tryAdvisoryLock(SEQUENCER_LOCK, async () => {
    let state = await loadState(database, signer);
    const target = await lastEntry(database);
    for (;;) {
      const round = await runRound(database, state);
      state = round.state;
      if (round.report?.notFollowed !== undefined) onFault?.(round.report.notFollowed);
      if (round.report !== undefined) onCheckpoint?.(round.report);
      else if (isBehind(target, state.checkpoint.position) || performance.now() >= deadline)
        return state.checkpoint.size;
      else await sleep(SEQUENCE_AGAIN_MS);
    }
  });
  return outcome.held ? outcome.value : undefined;
}

async function lastEntry(database: Database): Promise<LogPosition> {
  const [row] = await database.query<LogPosition>(
    "SELECT era, xid::text, id FROM ledger.entry ORDER BY era DESC, xid DESC, id DESC LIMIT 1",
  );
  return row ?? { era: 0, xid: "0", id: 0 };
}

/** Whether `one` is at or behind the cursor. */
function isBehind(one: LogPosition, cursor: LogPosition): boolean {
  if (one.era !== cursor.era) return one.era < cursor.era;
  if (one.xid !== cursor.xid) return BigInt(one.xid) < BigInt(cursor.xid);
  return one.id <= cursor.id;
}
