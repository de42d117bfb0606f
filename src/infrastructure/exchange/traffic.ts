/** What one process exchanged: how many calls of each operation with each peer, how long they took, how they ended. No person is in it. */

export type TrafficDirection = "in" | "out";

export interface TrafficNote {
  readonly peer: string;
  readonly direction: TrafficDirection;
  readonly room: string;
  readonly operation: string;
  /** A value came; or a refusal of the room, which is an answer too; or nothing that was of use. */
  readonly ended: "answered" | "refused" | "failed";
  readonly ms: number;
}

export interface TrafficRow extends Omit<TrafficNote, "ended" | "ms"> {
  /** Since the process began. */
  readonly calls: number;
  readonly refused: number;
  readonly failed: number;
  /** In the last quarter of an hour. */
  readonly lately: number;
  /** Upper bounds of the class in which the middle call and all but one in twenty lie; undefined beyond the last class. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
}

/** Upper bounds of the classes of times, milliseconds. */
export const TRAFFIC_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** A hostile peer cannot fill the memory with names: further ones are counted together. */
export const TRAFFIC_ROWS_MAX = 2_000;
const OTHER = "other";
const LATELY_MINUTES = 15;
const MINUTE_MS = 60_000;

interface Count {
  readonly key: Pick<TrafficNote, "peer" | "direction" | "room" | "operation">;
  calls: number;
  refused: number;
  failed: number;
  readonly classes: Uint32Array;
  /** By minute modulo a quarter of an hour: which minute, and how many. */
  readonly minutes: { at: number; calls: number }[];
}

export class Traffic {
  readonly #counts = new Map<string, Count>();
  readonly #nowMs: () => number;

  /** @param nowMs milliseconds, of any beginning */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  note({ peer, direction, room, operation, ended, ms }: TrafficNote): void {
    const count = this.#count({ peer, direction, room, operation });
    count.calls += 1;
    if (ended === "refused") count.refused += 1;
    if (ended === "failed") count.failed += 1;
    const at = TRAFFIC_BOUNDS_MS.findIndex((bound) => ms <= bound);
    const place = at < 0 ? TRAFFIC_BOUNDS_MS.length : at;
    count.classes[place] = (count.classes[place] ?? 0) + 1;
    const minute = Math.floor(this.#nowMs() / MINUTE_MS);
    const slot = count.minutes[minute % LATELY_MINUTES];
    if (slot?.at === minute) slot.calls += 1;
    else count.minutes[minute % LATELY_MINUTES] = { at: minute, calls: 1 };
  }

  /** The busiest first. */
  rows(): readonly TrafficRow[] {
    const since = Math.floor(this.#nowMs() / MINUTE_MS) - LATELY_MINUTES;
    return [...this.#counts.values()]
      .map(({ key, calls, refused, failed, classes, minutes }) => ({
        ...{ ...key, calls, refused, failed },
        lately: minutes.reduce((sum, slot) => (slot && slot.at > since ? sum + slot.calls : sum), 0),
        p50Ms: boundOf(classes, calls / 2),
        p95Ms: boundOf(classes, calls * 0.95),
      }))
      .sort((one, other) => other.calls - one.calls);
  }

  #count(key: Count["key"]): Count {
    const name = `${key.direction} ${key.peer} ${key.room}.${key.operation}`;
    const known = this.#counts.get(name);
    if (known !== undefined) return known;
    const isNew = this.#counts.size < TRAFFIC_ROWS_MAX;
    if (!isNew && key.room !== OTHER) return this.#count({ ...key, peer: OTHER, room: OTHER, operation: OTHER });
    const count: Count = {
      ...{ key, calls: 0, refused: 0, failed: 0, minutes: [] },
      classes: new Uint32Array(TRAFFIC_BOUNDS_MS.length + 1),
    };
    this.#counts.set(name, count);
    return count;
  }
}

function boundOf(classes: Uint32Array, rank: number): number | undefined {
  let seen = 0;
  for (const [place, calls] of classes.entries()) {
    seen += calls;
    if (seen >= rank) return TRAFFIC_BOUNDS_MS[place];
  }
  return undefined;
}
