import { openCosignatures, type WitnessKey } from "#lib/merkle/cosignature";
import { formatWitnessRequest } from "#lib/merkle/witness-request";
import type { Database } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import { readNote } from "../ledger/checkpoints.ts";
import { checkEntry } from "../ledger/checks.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { cosignatureLines, keepCosignature, lastSizeOf, witnessedSize } from "./cosignatures.ts";
import "./faults.ts";

/** How often witnesses are asked, when the log grew. Entries are provable long before; being witnessed may lag this far. */
export const WITNESS_INTERVAL_MS = 10_000;
export const WITNESSES_MAX = 16;

/** A witness as the node reaches it. */
export interface Witness {
  readonly key: WitnessKey;
  /** Sends what `POST add-checkpoint` takes. @throws when nobody answers in time */
  send(body: string): Promise<{ readonly status: number; readonly body: string }>;
}

interface Signed {
  readonly size: number;
  readonly note: string;
}

export interface WitnessingOptions {
  readonly database: Database;
  readonly ledger: Pick<Ledger, "append" | "checkpoint" | "consistency" | "keysOfToday">;
  /** Today's, at most {@link WITNESSES_MAX}: more are not asked. */
  readonly witnesses: () => readonly Witness[];
  /** Told of a witness that does not answer, or that says that the log is another: an operator must look. */
  readonly onFault?: (fault: Fault, witness: string) => void;
}

/** Has others vouch for this node's log, so that it can show nobody a history of their own (C2SP tlog-witness). */
export class Witnessing {
  readonly #options: WitnessingOptions;
  /** Of each witness that says that the log is another, what is in the ledger of it: it is asked again and again, and entered once. */
  readonly #entered = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  constructor(options: WitnessingOptions) {
    this.#options = options;
  }

  /** How many witnesses make a checkpoint count as witnessed: more than half. */
  get quorum(): number {
    return Math.floor(this.#witnesses().length / 2) + 1;
  }

  #witnesses(): readonly Witness[] {
    return this.#options.witnesses().slice(0, WITNESSES_MAX);
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#round ??= this.round().finally(() => {
        this.#round = undefined;
      });
    }, WITNESS_INTERVAL_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#round;
  }

  /** Asks each witness once. One that fails does not hold up the others. */
  async round(): Promise<void> {
    const { onFault } = this.#options;
    await Promise.all(
      this.#witnesses().map(async (witness) => {
        const { name } = witness.key;
        try {
          await this.#ask(witness);
          this.#entered.delete(name);
        } catch (error) {
          const fault = error instanceof Fault ? error : new Fault("ERR_WITNESS_UNREACHABLE");
          onFault?.(fault, name);
          // Where the database does not take it, the next round tries again.
          if (fault.code !== "ERR_WITNESS_UNREACHABLE") await this.#enter(fault, name).catch(() => undefined);
        }
      }),
    );
  }

  /** The newest checkpoint with the lines of its witnesses, and the newest that a quorum signed. */
  async lines(size: number): Promise<readonly string[]> {
    return await cosignatureLines(this.#options.database, size);
  }

  async witnessedSize(): Promise<number | undefined> {
    const names = this.#witnesses().map(({ key }) => key.name);
    return await witnessedSize(this.#options.database, { quorum: this.quorum, among: names });
  }

  async #ask(witness: Witness): Promise<void> {
    const { database, ledger } = this.#options;
    const newest = await ledger.checkpoint();
    const seen = await lastSizeOf(database, witness.key.name);
    if (newest === undefined || newest.size === seen) return;
    if (seen > newest.size) throw new Fault("ERR_WITNESS_AHEAD");
    const first = await this.#sendThrough(witness, seen, newest);
    const told = first.status === 409 ? readSize(first.body) : undefined;
    // It knows another size: after a restore of ours, or when its answer to us was lost.
    if (told !== undefined && told > newest.size) throw new Fault("ERR_WITNESS_AHEAD");
    const answer = told === undefined ? first : await this.#sendThrough(witness, told, newest);
    if (answer.status === 409 || answer.status === 422) throw new Fault("ERR_WITNESS_REFUSED");
    if (answer.status !== 200) throw new Fault("ERR_WITNESS_UNREACHABLE", { message: String(answer.status) });
  }

  /** Each succession of the log's key that it has not seen, by which it learns who signs what comes after; then the newest. */
  async #sendThrough(witness: Witness, from: number, newest: Signed) {
    const { successions } = await this.#options.ledger.keysOfToday();
    const missed = successions
      .map((note) => ({ size: readNote(note).size, note }))
      .filter(({ size }) => from < size && size < newest.size);
    let last = from;
    for (const step of missed) {
      const answer = await this.#send(witness, last, step);
      if (answer.status !== 200) return answer;
      last = step.size;
    }
    return await this.#send(witness, last, newest);
  }

  /** What an auditor must find without having read the program's own log: somebody saw another history of this ledger. */
  async #enter({ code }: Fault, witness: string): Promise<void> {
    if (this.#entered.get(witness) === code) return;
    const { database, ledger } = this.#options;
    await ledger.append(database, [
      checkEntry("witness-refused", { at: Temporal.Now.instant().toString(), outcome: code, detail: { witness } }),
    ]);
    this.#entered.set(witness, code);
  }

  /** What it signed is kept. */
  async #send(witness: Witness, oldSize: number, { size, note }: Signed) {
    const { database, ledger } = this.#options;
    const proof = await ledger.consistency(oldSize, size);
    const answer = await witness.send(formatWitnessRequest({ oldSize, proof, note }));
    if (answer.status !== 200) return answer;
    const [cosignature] = openCosignatures(note + answer.body, [witness.key]) ?? [];
    if (cosignature === undefined) throw new Fault("ERR_WITNESS_UNREACHABLE", { message: "no valid signature" });
    const at = Temporal.Instant.fromEpochMilliseconds(cosignature.at * 1_000).toString();
    await keepCosignature(database, { size, witness: witness.key.name, at, line: answer.body });
    return answer;
  }
}

function readSize(body: string): number | undefined {
  const size = /^(?<size>0|[1-9][0-9]{0,15})\n$/.exec(body)?.groups?.["size"];
  return size === undefined ? undefined : Number(size);
}
