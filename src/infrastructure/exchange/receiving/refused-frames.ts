import type { Party } from "../party.ts";

/** Entries about refused frames of one peer in a minute; more are counted, and told by the next entry. */
const ENTRIES_A_MINUTE = 20;
const MINUTE_MS = 60_000;

/** Counts what peers were refused, and enters attempts into the ledger, not so many that they fill it. */
export class RefusedFrames {
  readonly #party: Party;
  readonly #counts = new Map<string, number>();
  readonly #minutes = new Map<string, { since: number; entered: number; untold: number }>();

  constructor(party: Party) {
    this.#party = party;
  }

  /** By `node reason`. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  count(peer: string, reason: string, isAttempt: boolean): void {
    const name = `${peer} ${reason}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (!isAttempt) return;
    const now = performance.now();
    let minute = this.#minutes.get(peer);
    if (minute === undefined || now - minute.since > MINUTE_MS) {
      minute = { since: now, entered: 0, untold: minute?.untold ?? 0 };
      this.#minutes.set(peer, minute);
    }
    if (minute.entered >= ENTRIES_A_MINUTE) {
      minute.untold += 1;
      return;
    }
    minute.entered += 1;
    const { untold } = minute;
    minute.untold = 0;
    void this.#enter(peer, reason, untold).catch(this.#party.onFault);
  }

  async #enter(peer: string, reason: string, untold: number): Promise<void> {
    const { kernel } = this.#party;
    await kernel.ledger.append(kernel.database, [
      {
        type: "refused",
        at: kernel.now(),
        room: "exchange",
        operation: "takeFrame",
        actor: { kind: "node", id: peer === "" ? "unknown" : peer },
        purpose: "administration",
        legalBasis: [],
        subjects: [],
        outcome: reason,
        ...(untold > 0 && { detail: { untold } }),
      },
    ]);
  }
}
