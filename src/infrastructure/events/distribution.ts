import { setTimeout as sleep } from "node:timers/promises";
import type { Kernel } from "#kernel/system/kernel";
import { OUTBOX_CHANNEL } from "#kernel/system/outbox";
import type { NodeLinks } from "./between-nodes.ts";
import { CHANGED_CHANNEL } from "./changed.ts";
import { deliverSubscription, type Pushing, waitingSubscriptions } from "./delivering.ts";
import { tendFollowed } from "./followed.ts";
import { POLL_INTERVAL_MS, PUSH_CONCURRENCY, RETRY_INTERVAL_MS, ROUND_EVENTS } from "./limits.ts";
import { type Round, runRound } from "./log.ts";

/** Whoever holds it distributes, for all processes on the database. */
const LOCK = "zhengtong events distribution";

export interface DistributionOptions {
  readonly kernel: Kernel;
  readonly links?: NodeLinks | undefined;
  /** Told of what failed; it is tried again. */
  readonly onFault: (fault: unknown) => void;
  /** Tests end the process between two steps. */
  readonly onStep?: Pushing["onStep"];
}

/** Takes events from the outbox to whoever subscribed: rounds of the log, and beside them one delivery a subscription. */
export class Distribution {
  readonly #options: DistributionOptions;
  readonly #pushing: Pushing;
  readonly #underWay = new Map<string, Promise<void>>();
  #asking: Promise<void> | undefined;
  #stopping = new AbortController();
  #rung = false;
  #wake: (() => void) | undefined;
  #loop: Promise<void> | undefined;
  #unlisten: (() => Promise<void>)[] = [];

  constructor(options: DistributionOptions) {
    this.#options = options;
    this.#pushing = { kernel: options.kernel, links: options.links, ...(options.onStep && { onStep: options.onStep }) };
  }

  /** Of several processes one distributes; another takes over when that one ends. */
  async start(): Promise<void> {
    const { database } = this.#options.kernel;
    const ring = () => this.#ring();
    this.#unlisten = [await database.listen(OUTBOX_CHANNEL, ring), await database.listen(CHANGED_CHANNEL, ring)];
    this.#loop = this.#lead();
  }

  /** Ends what is under way; what was not acknowledged is delivered again after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#ring();
    await this.#loop;
    for (const unlisten of this.#unlisten.splice(0)) await unlisten();
  }

  /** One round of the log, in this call: for tests, and for whoever cannot wait. */
  round(): Promise<Round> {
    const { database, vault, now } = this.#options.kernel;
    return database.transaction((tx) => runRound(tx, vault, now()));
  }

  /** Rounds and deliveries until nothing is due now, in this call: for tests. */
  async settle(): Promise<void> {
    await tendFollowed(this.#options.kernel);
    for (;;) {
      const { entered, placed } = await this.round();
      const due = await waitingSubscriptions(this.#options.kernel);
      await Promise.all(due.map((subscription) => deliverSubscription(this.#pushing, subscription)));
      if (entered + placed + due.length === 0) return;
    }
  }

  async #lead(): Promise<void> {
    const { kernel, onFault } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await kernel.database.tryAdvisoryLock(LOCK, (lost) => this.#distribute(AbortSignal.any([signal, lost])));
      } catch (error) {
        onFault(error);
      }
      await sleep(RETRY_INTERVAL_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #distribute(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#rung = false;
      const { entered } = await this.round();
      await this.#begin();
      this.#askOthers();
      if (entered < ROUND_EVENTS) await this.#rest();
    }
    await Promise.all([...this.#underWay.values(), this.#asking]);
  }

  /** Beside everything else: another node may take its time. */
  #askOthers(): void {
    this.#asking ??= tendFollowed(this.#options.kernel)
      .catch(this.#options.onFault)
      .then(() => {
        this.#asking = undefined;
      });
  }

  /** Each subscription by itself: one that is slow holds up its own events alone. */
  async #begin(): Promise<void> {
    const free = PUSH_CONCURRENCY - this.#underWay.size;
    if (free <= 0) return;
    const due = await waitingSubscriptions(this.#options.kernel, [...this.#underWay.keys()], free);
    for (const subscription of due) {
      const work = deliverSubscription(this.#pushing, subscription)
        .catch(this.#options.onFault)
        .then(() => {
          this.#underWay.delete(subscription.id);
          this.#ring();
        });
      this.#underWay.set(subscription.id, work);
    }
  }

  #ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async #rest(): Promise<void> {
    if (this.#rung || this.#stopping.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, POLL_INTERVAL_MS);
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
