import type { Database, Sql, SqlStatement, Transaction } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import type { LedgerSubject } from "../ledger/entry.ts";
import type { SealBeside } from "./detached-seals.ts";

/** More subjects than this in one act belong into an import or export, which stream. */
export const MAX_ACT_SUBJECTS = 10_000;

interface Settled {
  readonly commit: boolean;
}

/**
 * One act's work on one room: reads before its first write go to the pool, everything after into one transaction, which
 * commits with its ledger entries, events and messages or not at all.
 */
export class UnitOfWork {
  readonly #database: Database;
  #transaction: Promise<Transaction> | undefined;
  #open: Transaction | undefined;
  #settle: ((settled: Settled) => void) | undefined;
  #finished: Promise<void> | undefined;
  readonly #files = new Set<string>();
  readonly #seals: SealBeside[] = [];
  readonly #subjects = new Map<string, LedgerSubject & { attributes: string[] }>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether the transaction has begun: queries to other rooms come before that. */
  get hasBegun(): boolean {
    return this.#transaction !== undefined;
  }

  reader(): Sql {
    return this.#open ?? this.#database;
  }

  /** Reads that travel together: in the act's transaction, or before it has begun on one connection. */
  together<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#open ? work(this.#open) : this.#database.together(work);
  }

  /** Begins the act's transaction once and gives it. */
  writer(): Promise<Transaction> {
    this.#transaction ??= this.#begin();
    return this.#transaction;
  }

  /** Notes of whom something was read or changed. */
  note(subject: LedgerSubject): void {
    const name = `${subject.kind} ${subject.id}`;
    const known = this.#subjects.get(name);
    if (known) {
      for (const attribute of subject.attributes) {
        if (!known.attributes.includes(attribute)) known.attributes.push(attribute);
      }
      return;
    }
    if (this.#subjects.size >= MAX_ACT_SUBJECTS) throw new Fault("ERR_ACT_TOO_MANY_SUBJECTS");
    this.#subjects.set(name, { kind: subject.kind, id: subject.id, attributes: [...subject.attributes] });
  }

  subjects(): readonly LedgerSubject[] {
    return [...this.#subjects.values()];
  }

  /** Notes a file that this act put into the store. */
  keep(digest: string): void {
    this.#files.add(digest);
  }

  /** Notes that a file of the store is the seal of another. */
  keepSeal(seal: SealBeside): void {
    this.#seals.push(seal);
  }

  seals(): readonly SealBeside[] {
    return this.#seals;
  }

  files(): readonly string[] {
    return [...this.#files];
  }

  /**
   * Commits what was written. Nothing is acknowledged before this resolves.
   * @param last statements whose answers nobody needs: the commit travels with them. Where one fails, so does the commit
   */
  async commit(last: readonly SqlStatement[] = []): Promise<void> {
    if (last.length === 0 && this.#transaction === undefined) return;
    const transaction = await this.writer();
    for (const { text, values } of last) void transaction.query(text, values);
    this.#settle?.({ commit: true });
    await this.#finished;
  }

  /** Undoes what was written. Never throws: the caller already has a reason. */
  async abandon(): Promise<void> {
    if (!this.#transaction) return;
    try {
      await this.#transaction;
      this.#settle?.({ commit: false });
      await this.#finished;
    } catch {
      // The transaction is gone already, with everything in it.
    }
  }

  #begin(): Promise<Transaction> {
    const settled = new Promise<Settled>((resolve) => {
      this.#settle = resolve;
    });
    return new Promise<Transaction>((resolve, reject) => {
      this.#finished = this.#database
        .transaction(
          async (transaction) => {
            this.#open = transaction;
            resolve(transaction);
            if (!(await settled).commit) throw ABANDONED;
          },
          // The handler's steps cannot be run again from here.
          { retries: 0 },
        )
        .then(undefined, (error: unknown) => {
          reject(error);
          if (error !== ABANDONED) throw error;
        });
      // A failure is seen where it is awaited: at the first write or at the commit.
      this.#finished.catch(() => undefined);
    });
  }
}

const ABANDONED = new Error("abandoned");
