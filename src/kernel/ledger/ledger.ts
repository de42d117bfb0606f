import { toBase64 } from "#lib/crypto/base64url";
import { parseCheckpoint } from "#lib/merkle/checkpoint";
import { parseNote } from "#lib/merkle/note";
import { consistencyProof } from "#lib/merkle/proof";
import type { KeyTerm } from "#lib/merkle/succession";
import type { Database, Sql, SqlStatement, Transaction } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import type { CheckpointSigner } from "../ports.ts";
import { appendBesideStatement, appendEntries, appendStatement, type BesideEntries } from "./append.ts";
import { checkpointFrom, latestCheckpoint } from "./checkpoints.ts";
import type { LedgerActor, LedgerEntry, LedgerSubject } from "./entry.ts";
import { type ErasureScope, eraseContent } from "./erasure.ts";
import { exportLedger } from "./export.ts";
import type { LedgerKeys } from "./keys.ts";
import type { PeriodKeys } from "./period-keys.ts";
import {
  entryAt,
  indexesOf,
  indexOf,
  type LedgerReceipt,
  type ReceiptsWanted,
  receiptFor,
  receiptsFor,
  typesAt,
} from "./receipts.ts";
import {
  countByCase,
  type EntryKind,
  type LedgerPage,
  type LedgerRecord,
  type PageOptions,
  readByActor,
  readByCase,
  readByKind,
  readBySubject,
  readLatest,
  readRecord,
  withheldOn,
} from "./records.ts";
import { type LogResource, readResource } from "./resources.ts";
import type { RoundReport } from "./round.ts";
import { Sealings } from "./sealing.ts";
import { Sequencer, sequenceNow } from "./sequencer.ts";
import { type LogKeys, logKeys, signerOfToday, successionNotes, termsOf, wantSuccession } from "./successions.ts";
import { storedHashes } from "./tiles.ts";
import { type LedgerVerification, type VerificationOptions, verifyLedger } from "./verification.ts";
import { type WaitingEntries, waitingEntries } from "./waiting.ts";

export interface LedgerOptions {
  readonly database: Database;
  readonly signer: CheckpointSigner;
  readonly keys: LedgerKeys;
  /** Whose keys are destroyed when the years of a month's contents are over; absent: none are. */
  readonly periods?: PeriodKeys | undefined;
  /** Names the policies that decide at an instant; entries that were decided by policies carry it. */
  readonly policySet?: (at: string) => string;
  /** Told of a round of the sequencer that failed; it is tried again. */
  readonly onFault?: (fault: unknown) => void;
  /** Told of each checkpoint that this process made, after it is safe on disk. */
  readonly onCheckpoint?: (report: RoundReport) => void;
}

/** The migrations of the ledger, for `migrate`. */
export const LEDGER_MIGRATIONS = Object.freeze({ scope: "ledger", folder: `${import.meta.dirname}/migrations` });

/** That the log under one checkpoint is the beginning of the log under another. For the verifier. */
export interface LedgerContinuation {
  readonly format: "zhengtong-ledger-consistency/1";
  readonly origin: string;
  readonly verifierKey: string;
  /** How its keys followed each other, where they did. */
  readonly successions?: readonly string[];
  readonly older: string;
  readonly newer: string;
  /** base64 */
  readonly proof: readonly string[];
}

/** The ledger (存证日志) of one node: see README.md. */
export class Ledger {
  readonly origin: string;
  /** The log's first public key in C2SP vkey form: from it all that followed are known. Which one signs today: {@link keysOfToday}. */
  readonly verifierKey: string;
  readonly #options: LedgerOptions;
  readonly #sequencer: Sequencer;
  /** By which looks are kept from their subject for a while. */
  readonly sealings = new Sealings();

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.origin = options.signer.origin;
    this.verifierKey = options.signer.verifierKey;
    this.#sequencer = new Sequencer(options);
  }

  /** The keys that sign its checkpoints today, and how they followed each other. */
  keysOfToday(sql: Sql = this.#options.database): Promise<LogKeys> {
    return logKeys(sql, this.#options.signer);
  }

  /** Which key signs between which sizes. */
  async keyTerms(): Promise<readonly KeyTerm[]> {
    return termsOf(this.verifierKey, await successionNotes(this.#options.database));
  }

  /**
   * Has another key follow with the next round of the sequencer, which may be another process. The key is made first, so that whoever asks for
   * it hears of it where none can be had.
   * @param sql the caller's transaction, in which there should be an entry: without one there is no round
   * @returns the key that is to follow; undefined where one is to follow already
   */
  async wantSuccession(sql: Sql): Promise<string | undefined> {
    const { signer } = await signerOfToday(sql, this.#options.signer);
    const next = await signer.successor?.();
    if (next === undefined) throw new Fault("ERR_LEDGER_SIGNER", { message: "no key can follow the log's" });
    if (!(await wantSuccession(sql))) return undefined;
    this.#sequencer.wake();
    return next.verifierKey;
  }

  /** What seals its contents. */
  get keys(): LedgerKeys {
    return this.#options.keys;
  }

  get periods(): PeriodKeys | undefined {
    return this.#options.periods;
  }

  /** Begins to give entries their index; of several processes one does so. */
  start(): void {
    this.#sequencer.start();
  }

  /** Ends the round under way. Entries that wait are sequenced after the next start. */
  stop(): Promise<void> {
    return this.#sequencer.stop();
  }

  /**
   * Sequences what is committed, in this call: for imports, tests and the command line.
   * @param waitMs how long to wait for open transactions, which hold entries back
   * @returns the log's size; undefined when a started ledger is the sequencer
   */
  sequenceNow(waitMs?: number): Promise<number | undefined> {
    return sequenceNow(this.#options, waitMs);
  }

  /**
   * Appends entries in one statement: with the caller's transaction, or at once on a `Database`.
   * @returns their ids
   */
  async append(sql: Sql, entries: readonly LedgerEntry[]): Promise<readonly number[]> {
    const ids = await appendEntries(sql, this.#decided(entries), this.#options.keys);
    this.#sequencer.wake();
    return ids;
  }

  /**
   * The statement that appends entries, to be the last of an act: its commit travels with it. It does not tell their ids.
   * @throws ERR_LEDGER_ENTRY
   */
  appending(entries: readonly LedgerEntry[]): SqlStatement {
    this.#sequencer.wake();
    return appendStatement(this.#decided(entries), this.#options.keys, { answered: false });
  }

  /**
   * The statement that appends entries and writes beside them what names them.
   * @returns undefined where they are not appended in one statement
   * @throws ERR_LEDGER_ENTRY
   */
  appendingBeside(entries: readonly LedgerEntry[], beside: BesideEntries): SqlStatement | undefined {
    this.#sequencer.wake();
    return appendBesideStatement(this.#decided(entries), this.#options.keys, beside);
  }

  /** Entries say by which set of policies they were decided: that of their own instant, as access has it. */
  #decided(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
    const { policySet } = this.#options;
    const sealed = entries.map((entry) => this.sealings.sealed(entry));
    if (policySet === undefined) return sealed;
    return sealed.map((entry) => (entry.policies === undefined ? entry : { ...entry, policySet: policySet(entry.at) }));
  }

  entry(id: number): Promise<LedgerRecord | undefined> {
    return readRecord(this.#options.database, this.#options.keys, id);
  }

  async entryAtIndex(index: number): Promise<LedgerRecord | undefined> {
    const id = await entryAt(this.#options.database, index);
    return id === undefined ? undefined : this.entry(id);
  }

  /** Where an entry stands in the log; undefined while it is pending. */
  indexOf(id: number): Promise<number | undefined> {
    return indexOf(this.#options.database, id);
  }

  /** The same for several; those that are pending are left out. */
  indexesOf(ids: readonly number[]): Promise<ReadonlyMap<number, number>> {
    return indexesOf(this.#options.database, ids);
  }

  latest(page?: PageOptions): Promise<LedgerPage> {
    return readLatest(this.#options.database, this.#options.keys, page);
  }

  /** What concerns a subject; `today` (YYYY-MM-DD) leaves out what is lawfully withheld from him. */
  bySubject(
    subject: Pick<LedgerSubject, "kind" | "id">,
    page?: PageOptions & { readonly today?: string | undefined },
  ): Promise<LedgerPage> {
    return readBySubject(this.#options.database, this.#options.keys, subject, page);
  }

  /** Which of these entries a law keeps from whom they concern on a day (YYYY-MM-DD). */
  withheldOn(ids: readonly number[], day: string): Promise<ReadonlySet<number>> {
    return withheldOn(this.#options.database, this.#options.keys, ids, day);
  }

  /** For auditors: refused attempts, sign-ins, verifications, steps of the clock, entries that are withheld by law. */
  byKind(kind: EntryKind, page?: PageOptions): Promise<LedgerPage> {
    return readByKind(this.#options.database, this.#options.keys, kind, page);
  }

  /** Entries by their places in the log, in this order; places that it does not have are left out. */
  async entriesAt(indexes: readonly number[]): Promise<readonly LedgerRecord[]> {
    const records: LedgerRecord[] = [];
    for (const index of indexes) {
      const record = await this.entryAtIndex(index);
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  /** Of which type the entries at these indexes are. */
  typesAt(indexes: readonly number[]): Promise<ReadonlyMap<number, string>> {
    return typesAt(this.#options.database, indexes);
  }

  byCase(caseId: string, page?: PageOptions, sql: Sql = this.#options.database): Promise<LedgerPage> {
    return readByCase(sql, this.#options.keys, caseId, page);
  }

  /** How many entries a case brought about, up to a limit (at most 200). */
  countByCase(caseId: string, limit: number, sql: Sql = this.#options.database): Promise<number> {
    return countByCase(sql, this.#options.keys, caseId, limit);
  }

  byActor(actor: Pick<LedgerActor, "kind" | "id">, page?: PageOptions): Promise<LedgerPage> {
    return readByActor(this.#options.database, this.#options.keys, actor, page);
  }

  /** A receipt that its holder can verify without this node; with a subject, of that subject's part. */
  receiptFor(entryId: number, subject?: Pick<LedgerSubject, "kind" | "id">): Promise<LedgerReceipt | undefined> {
    const { database: sql, keys, signer } = this.#options;
    return receiptFor({ sql, keys, signer }, entryId, subject);
  }

  /** What the sequencer has not put into the log yet: for metrics. */
  waiting(): Promise<WaitingEntries> {
    return waitingEntries(this.#options.database);
  }

  /** Receipts for several entries under one checkpoint. */
  receiptsFor(entryIds: readonly number[], wanted?: ReceiptsWanted): Promise<readonly LedgerReceipt[]> {
    const { database: sql, keys, signer } = this.#options;
    return receiptsFor({ sql, keys, signer }, entryIds, wanted);
  }

  /** The newest signed checkpoint and its size. */
  async checkpoint(): Promise<{ readonly size: number; readonly note: string } | undefined> {
    const found = await latestCheckpoint(this.#options.database);
    return found && { size: found.size, note: found.note };
  }

  /** The first signed checkpoint that covers `size` entries. */
  checkpointCovering(size: number): Promise<string | undefined> {
    return checkpointFrom(this.#options.database, size);
  }

  /**
   * Proves that the log of `size1` entries is the beginning of the log of `size2`.
   * @throws RangeError when the log is not that long
   */
  async consistency(size1: number, size2: number): Promise<readonly Uint8Array[]> {
    const top = (await this.checkpoint())?.size ?? 0;
    if (size2 > top) throw new RangeError(`the log has ${top} entries`);
    return consistencyProof(size1, size2, storedHashes(this.#options.database, size2));
  }

  /**
   * Proof, for whoever kept an older checkpoint of this log, that nothing before it was changed.
   * @throws RangeError when the checkpoint is not of this log, or malformed
   */
  async continuation(olderNote: string): Promise<LedgerContinuation> {
    const older = parseCheckpoint(parseNote(olderNote)?.text ?? "");
    const newer = await this.checkpoint();
    if (older?.origin !== this.origin || newer === undefined) throw new RangeError("not a checkpoint of this log");
    const proof = await this.consistency(older.size, newer.size);
    const successions = await successionNotes(this.#options.database);
    return {
      format: "zhengtong-ledger-consistency/1",
      origin: this.origin,
      verifierKey: this.verifierKey,
      ...(successions.length > 0 && { successions }),
      older: olderNote,
      newer: newer.note,
      proof: proof.map(toBase64),
    };
  }

  /** A resource of C2SP tlog-tiles by its path; undefined when there is none. */
  resource(path: string): Promise<LogResource | undefined> {
    return readResource(this.#options.database, path);
  }

  /** Erases what an entry commits to, whole or one subject's part; the proof stays. */
  erase(tx: Transaction, erasure: { readonly entryId: number; readonly scope: ErasureScope }): Promise<boolean> {
    return eraseContent(tx, this.#options.keys, erasure);
  }

  /**
   * Computes everything anew from the rows and names each row that was tampered with.
   * @param options.contents false for the log alone: leaves, tree, checkpoints
   */
  verify(options: Pick<VerificationOptions, "contents" | "parts"> = {}): Promise<LedgerVerification> {
    const { database, keys } = this.#options;
    return verifyLedger(database, { ...options, keys, verifierKey: this.verifierKey });
  }

  /** The whole log as lines of JSON, for the verifier; contents only when asked for. */
  export(options: { readonly contents: boolean }): AsyncGenerator<string, void, undefined> {
    const { database, keys, signer } = this.#options;
    return exportLedger({ database, signer, ...(options.contents && { keys }) });
  }
}
