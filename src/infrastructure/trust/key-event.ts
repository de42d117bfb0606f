import type { LedgerEntry } from "#kernel/ledger/entry";
import type { KeyState } from "./keys/life-cycle.ts";

/** Whose key it is. */
export interface KeyHolder {
  readonly kind: "authority" | "person" | "official" | "node";
  readonly id: string;
}

/** Something that happened to a key. Signing checkpoints is left out: each would ask for another checkpoint. */
export interface KeyEvent {
  readonly what:
    | "key-made"
    | "certificate-issued"
    | "document-sealed"
    | "document-sealed-beside"
    | "record-signed"
    | "credential-signed"
    | "time-stamped"
    | "node-key-renewed"
    | "node-key-moved"
    /** With the next checkpoint another key follows the log's; the digest is of its line. */
    | "log-key-follows"
    /** Of the keys that seal: what they became. */
    | `data-key-${KeyState}`
    /** Of those that the node signs with, and of the one that wraps all. */
    | `signing-key-${KeyState}`;
  readonly holder: KeyHolder;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Serial number of the certificate, hexadecimal. */
  readonly serial?: string;
  /** What it was used for, as the caller says: `食品经营许可证`. */
  readonly reason?: string;
  /** SHA-256 of what was sealed or signed, hexadecimal. */
  readonly digest?: string;
}

/** The ledger's entry of what happened to a key. A person's or official's signature concerns them, so they can see it. */
export function keyEntry(event: KeyEvent): LedgerEntry {
  const { holder, what, serial, reason, digest } = event;
  const personal = holder.kind === "person" || holder.kind === "official";
  return {
    type: "key",
    at: event.at,
    room: "trust",
    operation: what,
    actor: { kind: "node", id: "trust" },
    purpose: "administration",
    legalBasis: [],
    subjects: personal ? [{ kind: holder.kind, id: holder.id, attributes: ["signature"] }] : [],
    outcome: "done",
    detail: {
      holder: { kind: holder.kind, id: holder.id },
      ...(serial !== undefined && { serial }),
      ...(reason !== undefined && { reason }),
      ...(digest !== undefined && { digest }),
    },
  };
}
