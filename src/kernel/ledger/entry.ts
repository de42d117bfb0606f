import type { Json } from "#lib/json/canonical";

/** What happened, a closed list: a reader of the ledger knows what each means. */
export type LedgerEntryType =
  /** Personal or organizational data was read. */
  | "read"
  /** An attempt was refused. */
  | "refused"
  /** An act was done. */
  | "act"
  /** A decision toward a person or organization. */
  | "decision"
  /** A document was sealed or signed. */
  | "seal"
  /** A key or certificate was made, used, changed or ended. */
  | "key"
  /** Someone signed in, out, or failed to. */
  | "sign-in"
  /** Data was exchanged with another node. */
  | "exchange"
  /** Records came in from a file or another system. */
  | "import"
  /** Records went out. */
  | "export"
  /** Content was erased when its retention ended. */
  | "erasure"
  /** The node itself was changed: rooms, posts, settings. */
  | "administration";

export const LEDGER_ENTRY_TYPES: readonly LedgerEntryType[] = [
  "read",
  "refused",
  "act",
  "decision",
  "seal",
  "key",
  "sign-in",
  "exchange",
  "import",
  "export",
  "erasure",
  "administration",
];

/** Who did it. */
export interface LedgerActor {
  readonly kind: "public" | "person" | "official" | "organization" | "node";
  readonly id: string;
  readonly post?: string | undefined;
  readonly authority?: string | undefined;
}

/** Whom it concerns, and which of his attributes. */
export interface LedgerSubject {
  readonly kind: "person" | "organization" | "official";
  readonly id: string;
  readonly attributes: readonly string[];
}

/** That the law requires secrecy toward the subject for a while (PIPL art. 18 and 35). */
export interface LedgerSecrecy {
  readonly ground: string;
  /** The second official. */
  readonly approvedBy: string;
  /** YYYY-MM-DD: from this day on the subject sees the entry, as far as its order does not say otherwise by then. */
  readonly reviewOn: string;
  /** The order by which it is sealed (`sealing.ts`), which may end sooner or go on. */
  readonly order?: string | undefined;
}

/** One entry, as it is appended. Absent and `undefined` are the same. */
export interface LedgerEntry {
  readonly type: LedgerEntryType;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly room: string;
  readonly operation: string;
  readonly actId?: string | undefined;
  readonly actor: LedgerActor;
  /** The room through which the actor asked. */
  readonly via?: string | undefined;
  readonly onBehalfOf?: { readonly kind: "person" | "organization"; readonly id: string } | undefined;
  /** Where it came from, when it did not begin on this node. */
  readonly origin?: { readonly node: string; readonly client?: string | undefined } | undefined;
  readonly purpose: string;
  readonly legalBasis: readonly string[];
  readonly caseId?: string | undefined;
  readonly subjects: readonly LedgerSubject[];
  readonly outcome: string;
  /** The policies that allowed or refused it; none where nothing permits it. */
  readonly policies?: readonly string[] | undefined;
  /** The set that they are of: its root, base64url (`access/policy-set.ts`). */
  readonly policySet?: string | undefined;
  readonly detail?: Json | undefined;
  readonly secrecy?: LedgerSecrecy | undefined;
}

/** What everyone may see of an entry: it is in the tree. Version 1. */
export interface LedgerLeaf {
  readonly v: 1;
  readonly type: LedgerEntryType;
  readonly at: string;
  readonly room: string;
  readonly operation: string;
  /** base64url of SHA-256(salt ‖ canonical content) */
  readonly commitment: string;
  /** How many subjects, and the root of their tree, base64url. */
  readonly subjects?: { readonly count: number; readonly root: string };
}

/** What a leaf commits to. Whom it concerns is committed to apart, so that one subject need not see the others. */
export type LedgerContent = Omit<LedgerEntry, "type" | "at" | "room" | "operation" | "subjects">;

/** One part of a list entry. */
export interface SubjectPart {
  readonly kind: LedgerSubject["kind"];
  readonly id: string;
  readonly attributes: readonly string[];
}
