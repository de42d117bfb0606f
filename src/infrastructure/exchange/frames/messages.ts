import { z } from "zod";
import { Refusal } from "#kernel/contract/refusal";
import type { LedgerSubject } from "#kernel/ledger/entry";
import type { RoomCall } from "#kernel/ports";
import { randomBytes } from "#kernel/random";
import { type Act, PURPOSES } from "#kernel/system/act";
import { TRACEPARENT, traceparent } from "#kernel/system/trace";
import { toBase64url } from "#lib/crypto/base64url";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { ANSWER_MAX_SUBJECTS } from "../limits.ts";

/** What one line of a frame says. Both sides read strictly: what is not listed here is refused, so that nothing unread is signed for. */

const Id = z.string().min(1).max(200);
const Words = z.strictObject({ zh: z.string().max(2_000), en: z.string().max(2_000) });
const AssuranceLevel = z.union([z.literal(1), z.literal(2), z.literal(3)]);
const ProvenAt = z.strictObject({
  1: z.iso.datetime().optional(),
  2: z.iso.datetime().optional(),
  3: z.iso.datetime().optional(),
});

const Who = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("public") }),
  z.strictObject({ kind: z.literal("person"), id: Id, assurance: AssuranceLevel, provenAt: ProvenAt.optional() }),
  z.strictObject({
    kind: z.literal("official"),
    id: Id,
    assurance: AssuranceLevel,
    provenAt: ProvenAt.optional(),
    post: z.strictObject({
      id: Id,
      title: Words,
      authority: Id,
      authorityName: Words,
      duties: z.array(z.string().max(100)).max(200),
      division: z.string().max(12),
    }),
  }),
  z.strictObject({ kind: z.literal("node"), room: Id }),
]);

const CallMessage = z.strictObject({
  act: z.uuid(),
  room: Id,
  operation: Id,
  /** The major version of the contract as the caller has it; absent where it has none. */
  major: z.int().min(0).max(10_000).optional(),
  input: z.unknown(),
  purpose: z.enum(PURPOSES as [string, ...string[]]).optional(),
  basis: z.array(z.strictObject({ law: Words, article: z.string().max(200) })).max(50),
  case: Id.optional(),
  language: z.enum(["zh", "en"]),
  key: z.string().min(1).max(500).optional(),
  who: Who,
  via: Id.optional(),
  for: z
    .strictObject({
      kind: z.literal("organization"),
      id: Id,
      name: z.string().max(500),
      right: z.enum(["legal-representative", "operator", "agent"]),
      services: z.array(z.string().max(200)).max(200).optional(),
    })
    .optional(),
  client: Id.optional(),
  /** Where in which trace the caller is (W3C Trace Context). */
  trace: z.string().regex(TRACEPARENT).optional(),
  /** For how long the caller waits. */
  withinMs: z.int().min(1).max(600_000),
  /** Keeps a leaf from being guessed. */
  salt: z.string().length(22),
});

export type CallMessage = z.infer<typeof CallMessage>;

const SALT_BYTES = 16;

function salt(): string {
  return toBase64url(randomBytes(SALT_BYTES));
}

/** The line of a call. */
export function callLine(about: {
  readonly act: Act;
  readonly call: RoomCall;
  readonly major: number | undefined;
  readonly withinMs: number;
}): Uint8Array {
  const { act, call } = about;
  return utf8(
    JSON.stringify({
      act: act.id,
      room: call.room,
      operation: call.operation,
      major: about.major,
      input: call.input ?? null,
      purpose: act.purpose,
      basis: act.legalBasis,
      case: act.caseId,
      language: act.language,
      key: act.idempotencyKey,
      who: act.principal,
      via: act.via,
      for: act.onBehalfOf,
      client: act.origin?.client,
      trace: traceparent(),
      withinMs: about.withinMs,
      salt: salt(),
    } satisfies Record<keyof CallMessage, unknown>),
  );
}

/** Reads a call; undefined where it is none. */
export function readCall(line: Uint8Array): CallMessage | undefined {
  return read(CallMessage, line);
}

const AnswerMessage = z.strictObject({
  /** The frame and the place in it that this answers, and the leaf of what was asked: it can belong to no other call. */
  frame: z.uuid(),
  place: z.int().min(0).max(255),
  of: z.string().length(43),
  /** One of three: a value, a refusal, or that the other side failed. */
  value: z.unknown().optional(),
  refusal: z
    .strictObject({
      room: Id,
      code: Id,
      text: Words,
      issues: z.array(z.strictObject({ path: z.string().max(500), text: Words })).max(1_000),
      needs: z
        .strictObject({
          level: AssuranceLevel,
          withinMinutes: z.int().optional(),
          once: z.literal(true).optional(),
          since: z.string().max(40).optional(),
        })
        .optional(),
    })
    .optional(),
  failed: z.literal(true).optional(),
  subjects: z
    .array(
      z.strictObject({
        kind: z.enum(["person", "organization", "official"]),
        id: Id,
        attributes: z.array(z.string().max(200)).max(500),
      }),
    )
    .max(ANSWER_MAX_SUBJECTS),
  salt: z.string().length(22),
});

export type AnswerMessage = z.infer<typeof AnswerMessage>;

/** What a call came to, on the side that answers. */
export type Outcome =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "refusal"; readonly refusal: Refusal }
  | { readonly kind: "failed" };

export function answerLine(about: {
  readonly frame: string;
  readonly place: number;
  readonly leaf: Uint8Array;
  readonly outcome: Outcome;
  readonly subjects: readonly LedgerSubject[];
}): Uint8Array {
  const { frame, place, leaf, outcome, subjects } = about;
  return utf8(
    JSON.stringify({
      frame,
      place,
      of: toBase64url(leaf),
      ...(outcome.kind === "value" && { value: outcome.value ?? null }),
      ...(outcome.kind === "refusal" && { refusal: refusalJson(outcome.refusal) }),
      ...(outcome.kind === "failed" && { failed: true }),
      subjects,
      salt: salt(),
    }),
  );
}

function refusalJson({ room, code, text, issues, needs }: Refusal) {
  return { room, code, text, issues, ...(needs && { needs }) };
}

/** Reads an answer; undefined where it is none. */
export function readAnswer(line: Uint8Array): (AnswerMessage & { readonly outcome: Outcome }) | undefined {
  const message = read(AnswerMessage, line);
  if (message === undefined) return undefined;
  const { refusal, failed } = message;
  const said = [message.value !== undefined, refusal !== undefined, failed !== undefined].filter(Boolean);
  if (said.length !== 1) return undefined;
  if (refusal !== undefined) {
    return {
      ...message,
      outcome: { kind: "refusal", refusal: new Refusal(refusal as ConstructorParameters<typeof Refusal>[0]) },
    };
  }
  return { ...message, outcome: failed ? { kind: "failed" } : { kind: "value", value: message.value } };
}

function read<S extends z.ZodType>(schema: S, line: Uint8Array): z.output<S> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(line));
  } catch {
    return undefined;
  }
  const found = schema.safeParse(value);
  return found.success ? found.data : undefined;
}
