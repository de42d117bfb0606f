import type { Json } from "#lib/json/canonical";
import type { Text } from "#lib/language/text";
import type { Contract, EventType, Input, Operation, Output, Register } from "../contract/contract.ts";
import type { DoorRefusal, InputIssue, Refusal } from "../contract/refusal.ts";
import type { Sql } from "../database/sql.ts";
import type { StoredFile } from "../files/file.ts";
import type { LedgerEntryType } from "../ledger/entry.ts";
import type { NodeProofs } from "../ports.ts";
import type { RegisterHandle } from "../registers/handle.ts";
import type { Act } from "./act.ts";

export type Codes<O extends Operation> = keyof O["refusals"] & string;

/** What a caller of a query sees: the value, a refusal of the callee, or one that any door may give. */
export type Answer<O extends Operation> = Output<O["output"]> | Refusal<Codes<O> | DoorRefusal>;

/** A command to another room is a message: it leaves with the act and is executed after its commit. */
export interface Sent {
  readonly messageId: string;
}

/** How a room is called: queries answer, commands are sent. */
export type Door<C extends Contract> = {
  readonly [K in keyof C["operations"]]: C["operations"][K]["kind"] extends "query"
    ? (input: Input<C["operations"][K]["input"]>) => Promise<Answer<C["operations"][K]>>
    : (input: Input<C["operations"][K]["input"]>) => Promise<Sent>;
};

/** How a person or a page calls a room: both kinds answer. */
export type Front<C extends Contract> = {
  readonly [K in keyof C["operations"]]: (
    input: Input<C["operations"][K]["input"]>,
  ) => Promise<Answer<C["operations"][K]>>;
};

export interface FileHandle {
  /** Stores bytes, encrypted, before the transaction that names them. Idempotent by content. */
  put(
    bytes: Uint8Array,
    about: {
      readonly mediaType: string;
      readonly name: string;
      /** The digest of the document whose detached seal it is (`documents/detached-seal.ts`). */
      readonly sealOf?: string;
    },
  ): Promise<StoredFile>;
  read(digest: string): Promise<Uint8Array>;
}

/** The room's own tables, those of its migrations, for what registers do not cover. */
export interface Tables {
  /** Reads as the act's registers do: before its first write from the pool, then inside its transaction. */
  read(): Sql;
  /** Writes in the act's transaction. */
  write(): Promise<Sql>;
}

/** An entry of the ledger that a room makes beside that of the act. */
export interface OwnEntry {
  readonly type: LedgerEntryType;
  /** What happened: `certificate-issued`. */
  readonly operation: string;
  readonly detail: Json;
}

/** Small secrets that a room keeps in tables of its own, under keys of the node that no other room can use. */
export interface Secrets {
  /** @param of what the secret belongs to, such as an account's key: sealed for one, it opens for no other */
  seal(secret: Uint8Array, of: string): Uint8Array;
  open(sealed: Uint8Array, of: string): Uint8Array;
  /** A keyed digest by which a secret of much entropy is found again, and not guessed from the table. */
  digest(secret: string): Uint8Array;
  /** By which it is looked up: that one, and those of other generations of the index key. */
  digests(secret: string): readonly Uint8Array[];
}

/** A case of one of the room's own items, as its operations see it. */
export interface CaseOfRoom {
  readonly caseId: string;
  readonly number: string;
  readonly service: string;
  readonly authority: string;
  readonly applicant: Applicant;
  readonly submittedAt: string;
  readonly form: Readonly<Record<string, unknown>>;
  readonly facts: readonly Fact[];
  readonly variables: Readonly<Record<string, unknown>>;
  /** By element or message: the latest of what was filled in there. */
  readonly records: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface CaseHandle {
  /** Undefined where the case is not one of this room's. */
  read(caseId: string): Promise<CaseOfRoom | undefined>;
  /**
   * Tells the applicant of one of this room's cases something in writing, also when it is closed: a notice that its procedure
   * declares, made and delivered after the commit. The same `once` is told once.
   */
  notify(notice: {
    readonly caseId: string;
    readonly kind: string;
    readonly once: string;
    readonly details: Readonly<Record<string, string>>;
  }): Promise<void>;
}

/** What a handler has: the act, its own registers, the rooms it uses. Nothing else reaches it. */
export interface Context<C extends Contract, U extends Uses, E extends string> {
  readonly act: Act;
  /** ISO 8601, UTC: the instant of the act. */
  readonly now: string;
  /** The civil day in Asia/Shanghai. */
  readonly today: string;
  readonly registers: {
    readonly [K in keyof C["registers"]]: C["registers"][K] extends Register<infer S> ? RegisterHandle<S> : never;
  };
  readonly rooms: { readonly [K in keyof U]: Door<U[K]> };
  readonly files: FileHandle;
  /** Cases of this room's own service items. */
  readonly cases: CaseHandle;
  readonly tables: Tables;
  readonly secrets: Secrets;
  /** What other nodes signed, whoever carried it here; undefined where this node belongs to no directory. */
  readonly proofs: NodeProofs | undefined;
  /**
   * Of an operation that lists rows of a table (its contract says of which kind): which of them the reader may see, as SQL for its statement.
   * @param columns an expression of SQL for each attribute that the contract declares; NULL where a row does not have it
   * @param bind takes a value, and gives what stands for it: `$3`
   */
  listed(columns: Readonly<Record<string, string>>, bind: (value: unknown) => string): string;
  /** Notes what else this act read or changed about someone, beyond what the registers note themselves. */
  concerns(subject: {
    readonly kind: "person" | "organization" | "official";
    readonly id: string;
    readonly attributes: readonly string[];
  }): void;
  /**
   * Enters something in the ledger by itself, in the room's name, so that it can be shown without telling who acted: that
   * stands in the act's own entry, under the same act. Commits with the act. Gives the entry's number.
   */
  record(entry: OwnEntry): Promise<number>;
  emit<K extends keyof C["events"] & string>(
    event: K,
    payload: C["events"][K] extends EventType<infer S> ? Input<S> : never,
  ): Promise<void>;
  /** Says no, with one of the codes that the contract lists. */
  refuse(code: E, values?: Readonly<Record<string, string | number>>, issues?: readonly InputIssue[]): Refusal<E>;
  /** The next number of a gap-tolerant sequence of this room: never used twice. */
  nextNumber(sequence: string): Promise<number>;
}

export type Uses = Readonly<Record<string, Contract>>;

/** What implements an operation. */
export type Handler<C extends Contract, U extends Uses, K extends keyof C["operations"]> = (
  ctx: Context<C, U, Codes<C["operations"][K]>>,
  input: Output<C["operations"][K]["input"]>,
) => Promise<Input<C["operations"][K]["output"]> | Refusal<Codes<C["operations"][K]>>>;

export type Handlers<C extends Contract, U extends Uses> = {
  readonly [K in keyof C["operations"]]: Handler<C, U, K>;
};

/** A fact that government has, as the applicant and the official see it. */
export interface Fact {
  readonly id: string;
  readonly value: string;
  /** When it was asked for, ISO 8601. */
  readonly asOf: string;
}

export interface Applicant {
  readonly kind: "person" | "organization";
  readonly id: string;
  /** The person who acts. */
  readonly personId: string;
}

/** What a service item's room does for its item. */
export interface ServiceImplementation<C extends Contract, U extends Uses, K extends keyof C["services"]> {
  /** Fetches what government knows of the applicant, through the doors. Runs at the start of a draft and again at submission. */
  facts(ctx: Context<C, U, "no-facts">, applicant: Applicant): Promise<readonly Fact[] | Refusal<string>>;
  /** Says at once what law says at once: no licence needed, not our remit, barred, or what is wrong in the form. */
  screen(
    ctx: Context<C, U, "no-facts">,
    application: {
      readonly applicant: Applicant;
      readonly form: Output<C["services"][K]["form"]>;
      readonly facts: readonly Fact[];
    },
  ): Promise<
    | {
        readonly kind: "fits";
        /** For the procedure's conditions: those of its variables that the room knows already. */
        readonly variables?: Readonly<Record<string, string | number>>;
        /** What no second open case may be about. */
        readonly holds?: readonly { readonly key: string; readonly title: Text }[];
      }
    | { readonly kind: "not-needed"; readonly reason: Text; readonly next: Text }
    | { readonly kind: "not-our-remit"; readonly reason: Text; readonly next: Text }
    | { readonly kind: "barred"; readonly reason: Text; readonly until: string }
    | { readonly kind: "wrong"; readonly issues: readonly InputIssue[] }
  >;
  /**
   * What a grant would give if it were decided now, as variables of the procedure: shown in previews of the decision. It writes
   * nothing.
   */
  outlook?(ctx: Context<C, U, "no-facts">, decided: CaseOfRoom): Promise<Readonly<Record<string, unknown>>>;
  /** Which operation of this room does the work of each slot of the procedure. Its input is `{ caseId }`. */
  readonly slots: Readonly<
    Record<keyof C["services"][K]["procedure"]["slots"] & string, keyof C["operations"] & string>
  >;
}

export type ServiceImplementations<C extends Contract, U extends Uses> = {
  readonly [K in keyof C["services"]]: ServiceImplementation<C, U, K>;
};
