import type { z } from "zod";
import type { Text } from "#lib/language/text";
import type { PersonRight } from "../system/act.ts";
import type { AssuranceNeed } from "./assurance.ts";
import type { Citation } from "./citation.ts";
import type { ListedTable, Unfiltered } from "./listing.ts";

/** Who may knock at a door. `organization` is a person who acts for one; `node` is another room or another node. */
export type Audience = "public" | "person" | "organization" | "official" | "node";

export type Schema = z.ZodType;
export type ObjectSchema = z.ZodObject;
export type Input<S extends Schema> = z.input<S>;
export type Output<S extends Schema> = z.output<S>;

/** Of whom or what a register speaks; decides who is told that it was read. */
export type SubjectKind = "person" | "organization" | "official" | "none";

/** A bitemporal register: one steward, one source. */
export interface Register<S extends ObjectSchema = ObjectSchema> {
  readonly title: Text;
  readonly schema: S;
  /** Whom an entry is about: its own key (`"key"`), or the attribute that holds the subject's key. */
  readonly subject: { readonly kind: SubjectKind; readonly by?: "key" | (keyof z.output<S> & string) };
  readonly legalBasis: readonly Citation[];
  readonly retention: { readonly years: number } | "permanent";
}

/** The texts of all refusals of an operation; its keys are the closed set of codes. */
export type Refusals = Readonly<Record<string, Text>>;

export interface Operation<
  I extends Schema = Schema,
  O extends Schema = Schema,
  E extends Refusals = Refusals,
  K extends "query" | "command" = "query" | "command",
> {
  readonly kind: K;
  readonly title: Text;
  readonly audience: readonly Audience[];
  /** The duty that an official's post must hold; required when officials may call. */
  readonly duty?: string;
  /** The same room of another node may ask it. Absent: its own node asks, and rooms elsewhere that declare to use this one. */
  readonly fromItsLike?: true;
  /** Whether a call may be carried from one zone to another, on media: inward, to the more protected, or outward. Absent: neither. */
  readonly crosses?: CrossingRule;
  /**
   * The attribute of the input that holds the division concerned (GB/T 2260): where many nodes keep the room, it says which of them
   * is asked. Absent: the one of the asking node's own division.
   */
  readonly concerns?: string;
  /**
   * Whoever may knock as a node may also be a system that is not ours, come to an edge: the room itself holds which ones it admitted.
   * Absent: such systems need a policy of this authority.
   */
  readonly clients?: "admitted";
  /** How surely it must be known who acts; whoever is known less surely is asked to prove it first. Absent: a sign-in is enough. */
  readonly assurance?: AssuranceNeed;
  /**
   * Of a query that lists entries of a register of its room, or rows of its own tables: which. Access policies may speak of each, and leave
   * rows out.
   */
  readonly lists?: string | ListedTable;
  /** Of a query that answers with a list and says nothing of its rows to policies: why. */
  readonly unfiltered?: Unfiltered;
  readonly input: I;
  readonly output: O;
  readonly refusals: E;
  readonly legalBasis: readonly Citation[];
}

/** In which direction something may cross between zones, and how open its content is at the most. */
export interface CrossingRule {
  readonly directions: readonly ("inward" | "outward")[];
  readonly classification: "public" | "internal" | "work-secret";
}

export interface EventType<S extends ObjectSchema = ObjectSchema> {
  readonly title: Text;
  readonly payload: S;
  /** The attribute by which events keep their order: those that have the same value of it arrive one after the other. */
  readonly key?: keyof z.output<S> & string;
}

/** A user task of a procedure: who may do it, and what they decide. */
export interface TaskDeclaration<S extends ObjectSchema = ObjectSchema> {
  readonly title: Text;
  readonly duty: string;
  /** What completing it needs, where a sign-in is not enough. */
  readonly assurance?: AssuranceNeed;
  /** What the official fills in; `outcome` is what the diagram's conditions read. */
  readonly form: S;
  readonly help?: Text;
  /** Tasks whose latest record whoever does this one has before him. */
  readonly shows?: readonly string[];
  /** The words that the official confirms with a personal signature over what was filled in. Absent: the step is not signed. */
  readonly signed?: Text;
  /**
   * FEEL over the case's variables and the form, and lists of elements: `resting`, where the case rests, `overdue`, whose
   * timer's time has come, and `own`, which the official at hand was the last to complete. `followed` lists, of each that he ever completed, what
   * was completed right after it: `hearingArrangement chairChallenge uphold`. Where it is true, the step is refused with this text.
   */
  readonly rules?: readonly { readonly when: string; readonly text: Text }[];
  /** Outcomes that may be decided for several cases in one act. */
  readonly together?: readonly string[];
  /** Days that the official enters, each held between others. */
  readonly days?: readonly DayRule[];
  /**
   * With this outcome the task lengthens a statutory clock by the item's `extensionDays`; the form's `reasons` are told to the
   * applicant.
   */
  readonly extends?: {
    readonly outcome: string;
    readonly clock: string;
    readonly article: string;
  };
}

/** So many working days after a day: `today`, or the one that a variable of the case holds. */
export interface DayBound {
  readonly workingDays: number;
  readonly after: string;
}

/** A bound on a day of a form. Without the variable that it counts from, it does not bind. */
export interface DayRule {
  readonly field: string;
  readonly notBefore?: DayBound;
  readonly notAfter?: DayBound;
  /** FEEL over the case's variables: where it is true, the bound is not held. */
  readonly unless?: string;
  /** `{day}` is the bound. */
  readonly text: Text;
}

/** Something that reaches a running case from outside its tasks: a supplement, a withdrawal, a request for a hearing. */
export interface MessageDeclaration<S extends ObjectSchema = ObjectSchema> {
  readonly title: Text;
  /** The applicant, or an official whose post holds the duty. */
  readonly from: "applicant" | { readonly duty: string };
  readonly form: S;
  /** It ends the case at once, with this outcome, whatever the case waits for. */
  readonly ends?: string;
  /** FEEL over the case's variables: only where it is true may it be sent. */
  readonly while?: string;
  /** The notice that answers it. */
  readonly notice?: string;
  /** Interested parties of the case (利害关系人) may send it as well. */
  readonly parties?: true;
  /**
   * `kept`: it stays on the record and moves nothing. `together`: the case goes on when everybody who was asked has answered.
   * Absent: the case goes on with it.
   */
  readonly step?: "kept" | "together";
  /** It answers the notice that told of a right: an interested party gives one answer, and in the period of the procedure's `parties`. */
  readonly answer?: true;
  /** Nobody waits for it: it is offered, and not asked for. */
  readonly aside?: true;
  /** Each may send it once in a case. */
  readonly once?: true;
}

/** Whether an applicant is asked for a message where a case waits for it. */
export function isAsked(message: MessageDeclaration | undefined): boolean {
  return message?.from === "applicant" && !message.aside;
}

/** Others whose weighty interests a case touches (利害关系人, 行政许可法 §36, §47): who names them, and how long they have to answer. */
export interface PartyRules {
  readonly title: Text;
  /** Posts with one of these duties name them, record what reached them, and write down what they said. */
  readonly duties: readonly string[];
  /** FEEL over the case's variables: only where it is true may one be named. */
  readonly while: string;
  /** Working days from the day on which one was told. */
  readonly answerDays: number;
  readonly article: string;
}

/** A document that a step of a procedure sends to the applicant. */
export interface NoticeDeclaration {
  readonly title: Text;
  /** To each interested party instead; `untold-parties`: it tells of their rights those whom nobody has told yet. */
  readonly to?: "parties" | "untold-parties";
  readonly legalBasis: readonly Citation[];
  /** The special seal for licensing (行政许可专用章) or the authority's own. */
  readonly seal: "licensing" | "authority";
  /** Tasks whose official the paper names: who chairs a hearing, say. */
  readonly names?: readonly string[];
}

export interface Procedure<
  V extends ObjectSchema = ObjectSchema,
  T extends Readonly<Record<string, TaskDeclaration>> = Readonly<Record<string, TaskDeclaration>>,
  S extends string = string,
> {
  readonly title: Text;
  /** The BPMN 2.0 file. */
  readonly diagram: URL;
  /** What conditions may read. No personal data: variables are stored in the clear. */
  readonly variables: V;
  readonly tasks: T;
  readonly messages: Readonly<Record<string, MessageDeclaration>>;
  /** Work that the item's own room does; each is bound to one of its operations. */
  readonly slots: Readonly<Record<S, Text>>;
  readonly notices: Readonly<Record<string, NoticeDeclaration>>;
  /** Absent: the procedure knows no interested parties. */
  readonly parties?: PartyRules;
  readonly legalBasis: readonly Citation[];
}

/** What an applicant hands in, beyond what government knows. */
export interface Material {
  readonly title: Text;
  readonly hint?: Text;
  readonly required: boolean;
  readonly mediaTypes: readonly string[];
  readonly maxBytes: number;
}

/** A datum that government already has, fetched at the moment of need. */
export interface FactDeclaration {
  readonly title: Text;
  /** The register it comes from, as people call it. */
  readonly source: Text;
  /** The field of the form that asks for the same where an applicant may say something else; one of the fact's own name needs no mention. */
  readonly alsoAsked?: string;
  /** Its values, where they are words and not names or numbers; what is stored is the Chinese. */
  readonly terms?: readonly Text[];
}

/** Working days of an item: 行政许可法 §42. */
export interface Limits {
  readonly promisedDays: number;
  readonly statutoryDays: number;
  /** The law's own frame: 20, or 45 where several authorities handle it together (统一办理、联合办理、集中办理). */
  readonly lawDays: number;
  /** By how much the head may lengthen it: at most 10, or 15 where handled together. Default: that. */
  readonly extensionDays?: number;
  /** Several authorities handle it together (§26). */
  readonly joint?: boolean;
}

/** 行政许可法 §42: what the law allows at most, alone and jointly. */
export const LIMITS_OF_LAW = Object.freeze({
  single: Object.freeze({ lawDays: 20, extensionDays: 10 }),
  joint: Object.freeze({ lawDays: 45, extensionDays: 15 }),
});

/** Working days by which the limit of an item may be lengthened. */
export function extensionDaysOf({ extensionDays, joint }: Limits): number {
  return extensionDays ?? LIMITS_OF_LAW[joint ? "joint" : "single"].extensionDays;
}

/** What is offered for a field of a form. */
export interface Offer {
  /** A query without input, whose answer has `items`. */
  readonly operation: string;
  /** The member of an item that is the field's value. */
  readonly value: string;
  /** Members of an item by which a person knows it again. */
  readonly words: readonly string[];
  /** Items with these values alone. */
  readonly only?: Readonly<Record<string, string>>;
}

/** A service item (政务服务事项): what people and firms come for. */
export interface Service<F extends ObjectSchema = ObjectSchema, P extends Procedure = Procedure> {
  readonly title: Text;
  readonly summary: Text;
  /** Words that people use for it, both languages, for the search. */
  readonly keywords: readonly string[];
  readonly applicants: readonly ("person" | "organization")[];
  /** By which rights someone may apply for another person. Absent: by none, persons apply themselves (民法典 §161). */
  readonly forOthers?: readonly PersonRight[];
  readonly form: F;
  /**
   * Fields for which government knows what the applicant may mean: answers of a query of the same room, asked as the applicant. They are offered;
   * where there are none, the field is typed in.
   */
  readonly offers?: Readonly<Record<string, Offer>>;
  /** How the form is asked on screen, a few fields at a time; fields that no page names come last. Absent: in its order. */
  readonly formPages?: readonly { readonly title: Text; readonly fields: readonly string[] }[];
  readonly facts: Readonly<Record<string, FactDeclaration>>;
  readonly materials: Readonly<Record<string, Material>>;
  /** Fields of the form that an interested party may see, beside item and name of the applicant. Absent: none. */
  readonly shownToParties?: readonly string[];
  readonly procedure: P;
  readonly fee: Text;
  /** What signing and submitting the application needs of the applicant, where a sign-in is not enough. At a counter he signs on paper. */
  readonly assurance?: AssuranceNeed;
  readonly limits: Limits;
  readonly result: Text;
  /** How long the archive package of a closed case is kept, and what the ledger says of its acts. Absent: for good. */
  readonly retention?: { readonly years: number } | "permanent";
  readonly legalBasis: readonly Citation[];
  /** Two letters or more before the number of a case of this item. */
  readonly numberPrefix: string;
}

export interface Contract<
  Id extends string = string,
  R extends Readonly<Record<string, Register>> = Readonly<Record<string, Register>>,
  O extends Readonly<Record<string, Operation>> = Readonly<Record<string, Operation>>,
  S extends Readonly<Record<string, Service>> = Readonly<Record<string, Service>>,
  P extends Readonly<Record<string, Procedure>> = Readonly<Record<string, Procedure>>,
  E extends Readonly<Record<string, EventType>> = Readonly<Record<string, EventType>>,
> {
  readonly id: Id;
  /** `major.minor`; within one major, changes only add. */
  readonly version: `${number}.${number}`;
  readonly title: Text;
  /** The department that answers for it (数源部门). */
  readonly steward: Text;
  /** The duty of posts that run the node, of the room that keeps posts. */
  readonly operators?: string | undefined;
  /** Each node of a directory keeps this room for itself: it is never asked for elsewhere. */
  readonly ofEveryNode?: true | undefined;
  readonly registers: R;
  readonly operations: O;
  readonly services: S;
  readonly procedures: P;
  readonly events: E;
}

/** Declares a register. */
export function register<S extends ObjectSchema>(declaration: Register<S>): Register<S> {
  return Object.freeze(declaration);
}

type Declared<O extends Operation> = Omit<O, "kind"> & {
  readonly concerns?: keyof z.input<O["input"]> & string;
};

/** Declares an operation that changes nothing. */
export function query<I extends Schema, O extends Schema, const E extends Refusals>(
  declaration: Declared<Operation<I, O, E>>,
): Operation<I, O, E, "query"> {
  return Object.freeze({ ...declaration, kind: "query" });
}

/** Declares an operation that acts: one unit of work, with an idempotency key. */
export function command<I extends Schema, O extends Schema, const E extends Refusals>(
  declaration: Declared<Operation<I, O, E>>,
): Operation<I, O, E, "command"> {
  return Object.freeze({ ...declaration, kind: "command" });
}

/** Declares an event. */
export function event<S extends ObjectSchema>(declaration: EventType<S>): EventType<S> {
  return Object.freeze(declaration);
}

/** Declares a user task. */
export function task<S extends ObjectSchema>(declaration: TaskDeclaration<S>): TaskDeclaration<S> {
  return Object.freeze(declaration);
}

/** Declares a message that may reach a running case. */
export function message<S extends ObjectSchema>(declaration: MessageDeclaration<S>): MessageDeclaration<S> {
  return Object.freeze(declaration);
}

/** Declares a procedure that service items can use. */
export function procedure<
  V extends ObjectSchema,
  T extends Readonly<Record<string, TaskDeclaration>>,
  const S extends string,
>(declaration: Procedure<V, T, S>): Procedure<V, T, S> {
  return Object.freeze(declaration);
}

/** Declares a service item. */
export function service<F extends ObjectSchema, P extends Procedure>(declaration: Service<F, P>): Service<F, P> {
  return Object.freeze(declaration);
}

/** Declares what a room promises. Parts that it does not have may be left out. */
export function defineContract<
  const Id extends string,
  R extends Readonly<Record<string, Register>> = Record<never, never>,
  O extends Readonly<Record<string, Operation>> = Record<never, never>,
  S extends Readonly<Record<string, Service>> = Record<never, never>,
  P extends Readonly<Record<string, Procedure>> = Record<never, never>,
  E extends Readonly<Record<string, EventType>> = Record<never, never>,
>(declaration: {
  readonly id: Id;
  readonly version: `${number}.${number}`;
  readonly title: Text;
  readonly steward: Text;
  readonly operators?: string;
  readonly ofEveryNode?: true;
  readonly registers?: R;
  readonly operations?: O;
  readonly services?: S;
  readonly procedures?: P;
  readonly events?: E;
}): Contract<Id, R, O, S, P, E> {
  return Object.freeze({
    id: declaration.id,
    version: declaration.version,
    title: declaration.title,
    steward: declaration.steward,
    ...(declaration.operators !== undefined && { operators: declaration.operators }),
    ...(declaration.ofEveryNode && { ofEveryNode: true }),
    registers: Object.freeze(declaration.registers ?? {}) as R,
    operations: Object.freeze(declaration.operations ?? {}) as O,
    services: Object.freeze(declaration.services ?? {}) as S,
    procedures: Object.freeze(declaration.procedures ?? {}) as P,
    events: Object.freeze(declaration.events ?? {}) as E,
  });
}
