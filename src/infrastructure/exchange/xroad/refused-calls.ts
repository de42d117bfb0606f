import type { Kernel } from "#kernel/system/kernel";
import type { XRoadError } from "#lib/xroad/error";
import { edgePorts } from "./ports.ts";

/** Entries of one kind about one caller in this time; what comes meanwhile is counted, and told by the next one. */
const TELL_EVERY_MS = 60_000;
/** Callers and kinds that are told apart; systems are registered, so that strangers cannot make more. */
const TOLD_APART_MAX = 50_000;

/** Who showed no certificate that is registered. */
const STRANGER = "unknown";

/** What is refused before it is looked at: strangers, and whoever asks more than was agreed. On the record, not so often that it fills it. */
export class RefusedCalls {
  readonly #kernel: Kernel;
  readonly #onFault: (fault: unknown) => void;
  /** By `client kind`, all of them. */
  readonly counts = new Map<string, number>();
  readonly #told = new Map<string, { at: number; untold: number }>();

  constructor(kernel: Kernel, onFault: (fault: unknown) => void) {
    this.#kernel = kernel;
    this.#onFault = onFault;
  }

  /** @param why where the protocol's type of error is the same for several reasons: the word of this one */
  note(client: string | undefined, error: XRoadError, why?: "certificate-revoked"): void {
    const name = `${client ?? STRANGER} ${why ?? error.failure}`;
    if (this.counts.has(name) || this.counts.size < TOLD_APART_MAX) {
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    }
    const now = performance.now();
    const told = this.#told.get(name);
    if (told !== undefined && now - told.at < TELL_EVERY_MS) {
      told.untold += 1;
      return;
    }
    if (told === undefined && this.#told.size >= TOLD_APART_MAX) this.#told.clear();
    this.#told.set(name, { at: now, untold: 0 });
    const detail = {
      ...(why !== undefined && { why }),
      ...(told !== undefined && told.untold > 0 && { untold: told.untold }),
    };
    void this.#enter(client ?? STRANGER, error.failure, detail).catch(this.#onFault);
  }

  async #enter(client: string, outcome: string, detail: Readonly<Record<string, string | number>>): Promise<void> {
    const { database, ledger } = this.#kernel;
    await ledger.append(database, [
      {
        ...{ type: "refused", at: this.#kernel.now(), room: "exchange", operation: "callService" },
        actor: { kind: "node", id: client },
        origin: { node: edgePorts(database).self, ...(client !== STRANGER && { client }) },
        ...{ purpose: "none", legalBasis: [], subjects: [], outcome },
        ...(Object.keys(detail).length > 0 && { detail }),
      },
    ]);
  }
}
