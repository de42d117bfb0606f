/**
 * What somebody signs: a statement of what was done in which words, over the digest of the content that was shown to the signer
 * (电子签名法 §13: the content, and whether it was changed since, can be told).
 */

import { z } from "zod";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { canonicalize } from "#lib/json/canonical";
import { type AssuranceNeed, isAssured } from "../contract/assurance.ts";
import { assuranceNeeded } from "../contract/door-refusals.ts";
import type { Refusal } from "../contract/refusal.ts";
import type { Transaction } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import type { Signer } from "../ports.ts";
import type { Act } from "../system/act.ts";
import type { Sweep } from "./housekeeping.ts";

/** The type of its signature: what is signed as something else is no statement. */
export const STATEMENT_TYPE = "zhengtong-statement+jws";
const FORMAT = "zhengtong-statement/1";

/** Signing an application or a record, and no document: a use of our own, under a UUID (ITU-T X.667). */
export const RECORD_SIGNING_USE = "2.25.7786914701326341539299527814196259909.3.1";

const Name = z.string().min(1).max(200);

export const StatementSchema = z.object({
  format: z.literal(FORMAT),
  /** `quality.foodBusinessLicence.submit` */
  act: Name,
  /** The case, or the first of those that are decided together. */
  case: Name,
  signer: z.object({ kind: z.enum(["person", "official"]), id: Name }),
  onBehalfOf: z.object({ kind: Name, id: Name, right: Name }).optional(),
  /** What the signer confirmed, as it was shown. */
  words: z.string().max(10_000),
  /** SHA-256 of the canonical content, hexadecimal. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** How surely it was known who signs, and when that had been proved. */
  assurance: z.object({ level: z.union([z.literal(1), z.literal(2), z.literal(3)]), provenAt: Name.optional() }),
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
});
export type Statement = z.output<typeof StatementSchema>;

/** Who signs, with which words, and what was shown. */
export interface Signing {
  readonly signer: Pick<Signer, "signAs">;
  readonly signerName: string;
  /** The words that were shown and confirmed, in the language in which they were. */
  readonly words: string;
}

/** Content as it is digested (RFC 8785): the same for whoever computes it anew. */
export function canonicalBytes(content: unknown): Uint8Array {
  return utf8(canonicalize(JSON.parse(JSON.stringify(content))));
}

export function digestOf(content: unknown): string {
  return sha256Hex(canonicalBytes(content));
}

/** Signs what somebody does, over a digest. Gives the statement as a JWS in compact form (RFC 7515) with its certificates. */
export async function signStatement(
  act: Act,
  signing: Signing,
  about: { readonly act: string; readonly caseId: string; readonly digest: string },
): Promise<string> {
  const { principal, onBehalfOf } = act;
  assert(principal.kind === "person" || principal.kind === "official", "people sign");
  const provenAt = principal.provenAt?.[principal.assurance];
  const statement: Statement = {
    format: FORMAT,
    act: about.act,
    case: about.caseId,
    signer: { kind: principal.kind, id: principal.id },
    ...(onBehalfOf && { onBehalfOf: { kind: onBehalfOf.kind, id: onBehalfOf.id, right: onBehalfOf.right } }),
    words: signing.words,
    digest: about.digest,
    assurance: { level: principal.assurance, ...(provenAt !== undefined && { provenAt }) },
    at: act.at,
  };
  const signed = await signing.signer.signAs({
    signer: { kind: principal.kind, id: principal.id, name: signing.signerName },
    type: STATEMENT_TYPE,
    payload: canonicalBytes(statement),
    at: act.at,
  });
  return signed.token;
}

/**
 * Uses up the proof that releases a signature, in the transaction of the act, where the act asks for one of its own (`once`).
 * @throws {ProofUsed} when it released another one
 */
export async function useProof(
  transaction: Transaction,
  act: Act,
  released: { readonly need: AssuranceNeed | undefined; readonly caseId: string; readonly room: string },
): Promise<void> {
  const { need, caseId, room } = released;
  const { principal } = act;
  if (need?.once !== true || (principal.kind !== "person" && principal.kind !== "official")) return;
  const provenAt = latestProof(act, need);
  // Of a sign-in whose proof has no time nobody can say whether it was used.
  if (provenAt === undefined) throw new ProofUsed(assuranceNeeded(room, { ...need, since: act.at }));
  const used = await transaction.execute(
    `INSERT INTO service.signing_proof (signer_kind, signer_id, proven_at, case_id, used_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [principal.kind, principal.id, provenAt, caseId, act.at],
  );
  if (used === 0) throw new ProofUsed(assuranceNeeded(room, { ...need, since: provenAt }));
}

function latestProof({ principal, at }: Act, need: AssuranceNeed): string | undefined {
  if (principal.kind === "node" || principal.kind === "public" || !isAssured(principal, need, at)) return undefined;
  const levels = ([1, 2, 3] as const).filter((level) => level >= need.level);
  return levels
    .map((level) => principal.provenAt?.[level])
    .filter((proven) => proven !== undefined)
    .toSorted()
    .at(-1);
}

/** The proof at hand has released a signature already: nothing was done, and it takes another proof. */
export class ProofUsed extends Error {
  readonly refusal: Refusal<"assurance-needed">;
  constructor(refusal: Refusal<"assurance-needed">) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** Longer than a session lasts: by then no session has the proof any more. */
const PROOF_KEPT_MS = 24 * 3_600_000;

export const signingProofSweep: Sweep = {
  what: "signing-proofs",
  text: `DELETE FROM service.signing_proof WHERE (signer_kind, signer_id, proven_at) IN
    (SELECT signer_kind, signer_id, proven_at FROM service.signing_proof WHERE used_at < $1 LIMIT $2)`,
  ageMs: PROOF_KEPT_MS,
};
