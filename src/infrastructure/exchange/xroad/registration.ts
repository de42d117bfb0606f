import type { z } from "zod";
import type { Sql } from "#kernel/database/sql";
import { sha256Hex } from "#lib/crypto/digest";
import { canonicalize } from "#lib/json/canonical";
import type { CONTENTS, RegistrationKind } from "../xroad-contract.ts";
import { REGISTRATIONS_MAX } from "./limits.ts";

export type ContentOf<K extends RegistrationKind> = z.output<(typeof CONTENTS)[K]>;

/** Who a system is, its certificate, what it may call, or what it offers. Instants are ISO 8601 UTC. */
export interface Registration<K extends RegistrationKind = RegistrationKind> {
  readonly id: string;
  readonly kind: K;
  readonly authority: string;
  readonly about: string;
  readonly content: ContentOf<K>;
  readonly digest: string;
  readonly reason: string;
  readonly proposedBy: string;
  readonly proposedPost: string;
  readonly proposedAt: string;
  readonly decision: "approved" | "rejected" | null;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly decisionReason: string | null;
  readonly stoppedBy: string | null;
  readonly stoppedAt: string | null;
  readonly stopReason: string | null;
}

const COLUMNS = `id, kind, authority, about, content, digest, reason, proposed_by AS "proposedBy", proposed_post AS "proposedPost",
  proposed_at AS "proposedAt", decision, decided_by AS "decidedBy", decided_at AS "decidedAt", decision_reason AS "decisionReason",
  stopped_by AS "stoppedBy", stopped_at AS "stoppedAt", stop_reason AS "stopReason"`;

/** Everything in force. What was approved after what it stands on was stopped is left out where it is used. */
export function registrationsInForce(sql: Sql): Promise<readonly Registration[]> {
  return sql.query<Registration>(
    `SELECT ${COLUMNS} FROM exchange.registration WHERE decision = 'approved' AND stopped_at IS NULL ORDER BY id LIMIT $1`,
    [REGISTRATIONS_MAX],
  );
}

export async function registrationById(sql: Sql, id: string, lock = false): Promise<Registration | undefined> {
  const [found] = await sql.query<Registration>(
    `SELECT ${COLUMNS} FROM exchange.registration WHERE id = $1${lock ? " FOR UPDATE" : ""}`,
    [id],
  );
  return found;
}

/** Of one authority, the newest first. */
export function registrationsBefore(
  sql: Sql,
  wanted: {
    readonly authority: string;
    readonly kind: string | undefined;
    readonly waiting: boolean;
    readonly before: string | undefined;
    readonly limit: number;
    /** Which of them the reader may see. */
    readonly shown: (bind: (value: unknown) => string) => string;
  },
): Promise<readonly Registration[]> {
  const { authority, kind, waiting, before, limit } = wanted;
  const values: unknown[] = [authority, kind ?? null, waiting, before ?? null, limit];
  return sql.query<Registration>(
    `SELECT ${COLUMNS} FROM exchange.registration WHERE authority = $1 AND ($2::text IS NULL OR kind = $2)
       AND (NOT $3 OR decision IS NULL) AND ($4::uuid IS NULL OR id < $4) AND ${wanted.shown((value) => `$${values.push(value)}`)}
     ORDER BY id DESC LIMIT $5`,
    values,
  );
}

/** What is in force of a kind under its name: a system's identifier, a certificate's fingerprint, a service's identifier. */
export async function registrationInForce<K extends Exclude<RegistrationKind, "right">>(
  sql: Sql,
  kind: K,
  about: string,
): Promise<Registration<K> | undefined> {
  const [found] = await sql.query<Registration<K>>(
    `SELECT ${COLUMNS} FROM exchange.registration
     WHERE kind = $1 AND about = $2 AND decision = 'approved' AND stopped_at IS NULL`,
    [kind, about],
  );
  return found;
}

/** Whether the same is in force or waits for its decision. */
export async function isTaken(sql: Sql, kind: RegistrationKind, about: string): Promise<boolean> {
  const found = await sql.query(
    `SELECT 1 FROM exchange.registration WHERE kind = $1 AND about = $2
       AND (decision IS NULL OR (decision = 'approved' AND stopped_at IS NULL)) LIMIT 1`,
    [kind, about],
  );
  return found.length > 0;
}

export async function insertRegistration<K extends RegistrationKind>(
  sql: Sql,
  proposed: {
    readonly id: string;
    readonly kind: K;
    readonly authority: string;
    readonly about: string;
    readonly content: ContentOf<K>;
    readonly reason: string;
    readonly by: string;
    readonly post: string;
    readonly at: string;
  },
): Promise<string> {
  const digest = sha256Hex(canonicalize(proposed.content));
  const { id, kind, authority, about, content, reason, by, post, at } = proposed;
  await sql.execute(
    `INSERT INTO exchange.registration (id, kind, authority, about, content, digest, reason, proposed_by, proposed_post, proposed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [id, kind, authority, about, JSON.stringify(content), digest, reason, by, post, at],
  );
  return digest;
}

/** One as officials see it. */
export function registrationView(one: Registration) {
  const state =
    one.decision === null
      ? ("proposed" as const)
      : one.decision === "rejected"
        ? ("rejected" as const)
        : one.stoppedAt === null
          ? ("in-force" as const)
          : ("stopped" as const);
  const { id, kind, authority, about, reason, proposedBy, proposedAt } = one;
  return {
    ...{ id, kind, authority, about, reason, proposedBy, proposedAt, state },
    content: withoutDocument(one),
    ...(one.decidedBy !== null && { decidedBy: one.decidedBy }),
    ...(one.decidedAt !== null && { decidedAt: one.decidedAt }),
    ...(one.decisionReason !== null && { decisionReason: one.decisionReason }),
    ...(one.stoppedBy !== null && { stoppedBy: one.stoppedBy }),
    ...(one.stoppedAt !== null && { stoppedAt: one.stoppedAt }),
    ...(one.stopReason !== null && { stopReason: one.stopReason }),
  };
}

function withoutDocument({ content }: Registration): Record<string, unknown> {
  if (!("document" in content)) return { ...content };
  const { document, ...rest } = content;
  return { ...rest, documentDigest: sha256Hex(document) };
}
