/** How much may wait, and be worked on, at once. */
export interface TurnLimits {
  readonly waiting: number;
  /** Taken and not done. */
  readonly active: number;
}

export interface LineLimits extends TurnLimits {
  /** Active while another one has a line beside it as well; `active` where that is absent. */
  readonly activeBeside?: number;
}

export interface TurnsOptions {
  /** Of all. */
  readonly whole: TurnLimits;
  /** Of one line, by level: `[of a node, of a client of it, of whom it acts for]`. */
  readonly levels: readonly LineLimits[];
  /** For how long one who asked counts as there, milliseconds. */
  readonly presentMs: number;
  readonly nowMs: () => number;
}

/** Whose line: a name for each level. */
export type Turn = readonly string[];

/** After so many that were taken, a line that never becomes empty lets go of them. */
const FORGET_ENTRIES = 1_024;

interface Entry<T> {
  readonly item: T;
  readonly cost: number;
}

class Line<T> {
  readonly name: string;
  readonly level: number;
  waiting = 0;
  active = 0;
  /** Turns that it has had in advance, by something that cost more than one. */
  debt = 0;
  isInTurn = false;
  readonly lines = new Map<string, Line<T>>();
  /** Of its lines those that have something waiting and may go, in the order of their turns. */
  readonly turns: Line<T>[] = [];
  entries: Entry<T>[] = [];
  head = 0;
  /** Who of its lines was there last, and until when there were two. */
  last: { readonly name: string; readonly atMs: number } | undefined;
  sharedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(name: string, level: number) {
    this.name = name;
    this.level = level;
  }
}

/**
 * A queue in which each has his turn, at every level: first the nodes, within one its clients, within a client those for whom it asks. Whoever brings
 * much waits behind his own, not in front of others; what costs more than one turn is paid for with later ones (deficit round robin).
 * One who has company may have less under way at once than one who is alone. Bounded in all directions; what it does not
 * take, the caller is told at once.
 */
export class Turns<T> {
  readonly #options: TurnsOptions;
  readonly #whole = new Line<T>("", -1);

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#whole.waiting;
  }

  get active(): number {
    return this.#whole.active;
  }

  /** How many wait in a line, or in all lines of whom the names begin with these. */
  waitingOf(turn: Turn): number {
    let line: Line<T> | undefined = this.#whole;
    for (const name of turn) line = line?.lines.get(name);
    return line?.waiting ?? 0;
  }

  /** Whether one more would be taken. */
  hasRoom(turn: Turn): boolean {
    const { whole, levels } = this.#options;
    if (this.#whole.waiting >= whole.waiting) return false;
    let line: Line<T> | undefined = this.#whole;
    for (const [level, name] of turn.entries()) {
      line = line.lines.get(name);
      if (line === undefined) return true;
      if (line.waiting >= (levels[level]?.waiting ?? 0)) return false;
    }
    return true;
  }

  /**
   * @param cost in turns, at least one
   * @returns false when there is no room for it
   */
  offer(turn: Turn, item: T, cost = 1): boolean {
    if (!this.hasRoom(turn)) return false;
    let line = this.#whole;
    line.waiting += 1;
    for (const name of turn) {
      this.#saw(line, name);
      let next = line.lines.get(name);
      if (next === undefined) {
        next = new Line<T>(name, line.level + 1);
        line.lines.set(name, next);
      }
      next.waiting += 1;
      giveTurn(line, next);
      line = next;
    }
    line.entries.push({ item, cost });
    return true;
  }

  #saw(parent: Line<T>, name: string): void {
    const { nowMs, presentMs } = this.#options;
    const atMs = nowMs();
    const { last } = parent;
    if (last !== undefined && last.name !== name && atMs - last.atMs < presentMs)
      parent.sharedUntilMs = atMs + presentMs;
    parent.last = { name, atMs };
  }

  /** The next one whose turn it is; undefined where nobody waits or may go. It is active until `done`. */
  take(): T | undefined {
    if (this.#whole.active >= this.#options.whole.active) return undefined;
    const entry = this.#next(this.#whole);
    if (entry === undefined) return undefined;
    this.#whole.waiting -= 1;
    this.#whole.active += 1;
    return entry.item;
  }

  #next(line: Line<T>): Entry<T> | undefined {
    if (line.level === this.#options.levels.length - 1) return shifted(line);
    for (;;) {
      let leastDebt = Number.POSITIVE_INFINITY;
      for (let looked = line.turns.length; looked > 0; looked--) {
        const one = line.turns.shift() as Line<T>;
        if (one.debt > 0) {
          one.debt -= 1;
          leastDebt = Math.min(leastDebt, one.debt);
          line.turns.push(one);
          continue;
        }
        const entry = this.#mayGo(line, one) ? this.#next(one) : undefined;
        // Who may not go has something under way: he comes back when that is done.
        one.isInTurn = entry !== undefined && one.waiting > 1;
        if (entry === undefined) continue;
        one.waiting -= 1;
        one.active += 1;
        one.debt = entry.cost - 1;
        if (one.isInTurn) line.turns.push(one);
        return entry;
      }
      if (line.turns.length === 0) return undefined;
      // All who may go are in debt: the one with the least goes.
      for (const one of line.turns) one.debt -= leastDebt;
    }
  }

  #mayGo(parent: Line<T>, one: Line<T>): boolean {
    const limits = this.#options.levels[one.level];
    if (limits === undefined) return false;
    const isShared = parent.sharedUntilMs > this.#options.nowMs();
    return one.active < (isShared ? (limits.activeBeside ?? limits.active) : limits.active);
  }

  /** One that was taken is over. */
  done(turn: Turn): void {
    const path: Line<T>[] = [this.#whole];
    for (const name of turn) {
      const next = path.at(-1)?.lines.get(name);
      if (next === undefined || next.active === 0) return;
      path.push(next);
    }
    for (let at = path.length - 1; at >= 0; at--) {
      const [parent, one] = [path[at - 1], path[at] as Line<T>];
      one.active -= 1;
      if (parent === undefined) continue;
      if (one.waiting > 0) giveTurn(parent, one);
      else if (one.active === 0) parent.lines.delete(one.name);
    }
  }

  /** Empties it: what waited. */
  drain(): readonly T[] {
    return drained(this.#whole);
  }
}

function giveTurn<T>(parent: Line<T>, one: Line<T>): void {
  if (one.isInTurn) return;
  one.isInTurn = true;
  parent.turns.push(one);
}

function shifted<T>(line: Line<T>): Entry<T> | undefined {
  const entry = line.entries[line.head];
  line.head += 1;
  if (line.head === line.entries.length || line.head >= FORGET_ENTRIES) {
    line.entries = line.entries.slice(line.head);
    line.head = 0;
  }
  return entry;
}

function drained<T>(line: Line<T>): readonly T[] {
  const left = line.entries.slice(line.head).map(({ item }) => item);
  line.entries = [];
  line.head = 0;
  line.waiting = 0;
  line.turns.length = 0;
  for (const one of line.lines.values()) {
    left.push(...drained(one));
    one.isInTurn = false;
    if (one.active === 0) line.lines.delete(one.name);
  }
  return left;
}
