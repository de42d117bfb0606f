/** How much a queue holds, and how much of it each may have. */
export interface FairQueueLimits {
  /** Waiting, of all and of one. */
  readonly waiting: number;
  readonly waitingOfOne: number;
  /** Taken and not done, of all and of one. */
  readonly active: number;
  readonly activeOfOne: number;
}

interface Line<T> {
  items: T[];
  head: number;
  active: number;
}

/**
 * A queue in which each client has its turn: whoever brings much waits behind his own, not in front of others. Bounded in all
 * directions; what it does not take, the caller is told at once.
 */
export class FairQueue<T> {
  readonly #limits: FairQueueLimits;
  readonly #lines = new Map<string, Line<T>>();
  /** Those with something waiting, in the order of their turns. */
  #turns: string[] = [];
  #waiting = 0;
  #active = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get active(): number {
    return this.#active;
  }

  /** How many of one client wait. */
  waitingOf(client: string): number {
    const line = this.#lines.get(client);
    return line === undefined ? 0 : line.items.length - line.head;
  }

  /** @returns false when there is no room for it */
  offer(client: string, item: T): boolean {
    const waitingOfOne = this.waitingOf(client);
    if (this.#waiting >= this.#limits.waiting || waitingOfOne >= this.#limits.waitingOfOne) return false;
    let line = this.#lines.get(client);
    if (line === undefined) {
      line = { items: [], head: 0, active: 0 };
      this.#lines.set(client, line);
    }
    line.items.push(item);
    if (waitingOfOne === 0) this.#turns.push(client);
    this.#waiting += 1;
    return true;
  }

  /** The next one whose turn it is; undefined where nobody waits or may go. It is active until `done`. */
  take(): T | undefined {
    if (this.#active >= this.#limits.active) return undefined;
    for (let looked = this.#turns.length; looked > 0; looked--) {
      const client = this.#turns.shift() as string;
      const line = this.#lines.get(client) as Line<T>;
      if (line.active >= this.#limits.activeOfOne) {
        this.#turns.push(client);
        continue;
      }
      const item = line.items[line.head] as T;
      line.head += 1;
      if (line.head === line.items.length) {
        line.items = [];
        line.head = 0;
      } else {
        this.#turns.push(client);
      }
      line.active += 1;
      this.#active += 1;
      this.#waiting -= 1;
      return item;
    }
    return undefined;
  }

  /** One that was taken is over. */
  done(client: string): void {
    const line = this.#lines.get(client);
    if (line === undefined || line.active === 0) return;
    line.active -= 1;
    this.#active -= 1;
    if (line.active === 0 && line.head === line.items.length) this.#lines.delete(client);
  }

  /** Empties it: what waited. */
  drain(): readonly T[] {
    const left: T[] = [];
    for (const [client, line] of this.#lines) {
      left.push(...line.items.slice(line.head));
      line.items = [];
      line.head = 0;
      if (line.active === 0) this.#lines.delete(client);
    }
    this.#turns = [];
    this.#waiting = 0;
    return left;
  }
}
