import { Buffer } from "node:buffer";
import { hmacSha256 } from "#lib/crypto/digest";
import { canonicalize } from "#lib/json/canonical";
import { doorRefusal } from "../contract/door-refusals.ts";
import type { Refusal } from "../contract/refusal.ts";
import type { SqlStatement } from "../database/sql.ts";
import type { LedgerActor } from "../ledger/entry.ts";
import type { Act } from "./act.ts";
import type { Kernel } from "./kernel.ts";

interface Call {
  readonly room: string;
  readonly operation: string;
}

interface ActRow {
  readonly input_digest: Buffer;
  readonly outcome: Buffer;
}

/** How the ledger and the table of acts name who acts. */
export function actorOf(act: Act): LedgerActor {
  const { principal } = act;
  switch (principal.kind) {
    case "public":
      return { kind: "public", id: "public" };
    case "person":
      return { kind: "person", id: principal.id };
    case "official":
      return { kind: "official", id: principal.id, post: principal.post.id, authority: principal.post.authority };
    case "node":
      return { kind: "node", id: act.origin ? `${principal.room}@${act.origin.node}` : principal.room };
  }
}

/** What the same act under the same key gave before; a refusal where the key was used for something else. */
export async function storedOutcome(
  kernel: Kernel,
  act: Act,
  call: Call,
  input: unknown,
): Promise<{ readonly outcome: unknown | Refusal } | undefined> {
  if (act.idempotencyKey === undefined) return undefined;
  const [row] = await kernel.database.query<ActRow>(
    "SELECT input_digest, outcome FROM act.act WHERE room = $1 AND operation = $2 AND actor = $3 AND key = $4",
    [call.room, call.operation, actorName(act), act.idempotencyKey],
  );
  if (!row) return undefined;
  if (!inputDigests(kernel, input).some((digest) => row.input_digest.equals(digest)))
    return { outcome: doorRefusal(call.room, "repeated-differently") };
  const plain = kernel.vault.open("act-outcome", row.outcome, outcomeLabel(act, call));
  return { outcome: (JSON.parse(Buffer.from(plain).toString("utf8")) as { outcome?: unknown }).outcome };
}

/** What keeps the outcome with the act, to be sent with it; a second act under the same key fails on the primary key `act_pkey`. */
export function rememberingOutcome(
  kernel: Kernel,
  done: { readonly act: Act; readonly call: Call; readonly input: unknown; readonly outcome: unknown },
): readonly SqlStatement[] {
  const { act, call } = done;
  if (act.idempotencyKey === undefined) return [];
  const plain = Buffer.from(JSON.stringify({ outcome: done.outcome }), "utf8");
  return [
    {
      text: "INSERT INTO act.act (room, operation, actor, key, act_id, input_digest, outcome, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      values: [
        call.room,
        call.operation,
        actorName(act),
        act.idempotencyKey,
        act.id,
        inputDigests(kernel, done.input)[0],
        kernel.vault.seal("act-outcome", plain, outcomeLabel(act, call)),
        act.at,
      ],
    },
  ];
}

/**
 * Who acts, for whom and from where: a key is one's own, one that was used for an organization says nothing about another, and what
 * another node asserts does not reach what was done here.
 */
export function actorName(act: Act): string {
  const actor = actorOf(act);
  const { onBehalfOf, origin } = act;
  return [
    `${actor.kind}:${actor.id}`,
    ...(onBehalfOf ? [`${onBehalfOf.kind}:${onBehalfOf.id}`] : []),
    ...(origin ? [`from:${origin.node}`] : []),
    ...(origin?.client === undefined ? [] : [`client:${origin.client}`]),
  ].join(" ");
}

function outcomeLabel(act: Act, call: Call): string {
  return `${call.room}.${call.operation} ${actorName(act)} ${act.idempotencyKey}`;
}

/** Keyed: inputs hold passwords and identity numbers, which a bare digest would let a reader of the table guess at full speed. */
function inputDigests(kernel: Kernel, input: unknown): readonly Buffer[] {
  // JSON first: undefined members and dates take the form in which they would travel.
  const bytes = Buffer.from(canonicalize(JSON.parse(JSON.stringify(input ?? null))));
  return kernel.vault.everyKey("act-input").map((key) => Buffer.from(hmacSha256(key, bytes)));
}
