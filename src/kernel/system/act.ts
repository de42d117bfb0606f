import type { Language, Text } from "#lib/language/text";
import type { Citation } from "../contract/citation.ts";

/**
 * How sure the node is of who someone is: 1 a password; 2 two factors, or a passkey that can be copied to other devices; 3 a key that
 * stays in one device and proves itself to this node alone, after its holder was verified.
 */
export type Assurance = 1 | 2 | 3;

/** When each level was last proved in this session, ISO 8601 UTC. */
export type ProvenAt = Readonly<Partial<Record<Assurance, string>>>;

/** The post in whose name an official acts. */
export interface PostRef {
  readonly id: string;
  readonly title: Text;
  readonly authority: string;
  readonly authorityName: Text;
  /** What the post may do: `licensing.accept`, `directory.administer`. */
  readonly duties: readonly string[];
  /** GB/T 2260 division of the authority. */
  readonly division: string;
}

/** Who acts. */
export type Principal =
  | { readonly kind: "public" }
  | { readonly kind: "person"; readonly id: string; readonly assurance: Assurance; readonly provenAt?: ProvenAt }
  | {
      readonly kind: "official";
      readonly id: string;
      readonly post: PostRef;
      readonly assurance: Assurance;
      readonly provenAt?: ProvenAt;
    }
  /** A room acting for a procedure or a message: of this node, or of the one that the act's origin names. */
  | { readonly kind: "node"; readonly room: string };

/** In whose name a person acts, and by which right. */
export type Representation = {
  readonly id: string;
  readonly name: string;
  /** Of an agent whose power is for some services alone: which, `quality.foodBusinessLicence`. */
  readonly services?: readonly string[];
} & (
  | { readonly kind: "organization"; readonly right: "legal-representative" | "operator" | "agent" }
  | { readonly kind: "person"; readonly right: PersonRight }
);

/** Whether a power reaches anything of a room: what the room keeps of whom one acts for is not an agent's whose services are others. */
export function reachesRoom({ services }: Pick<Representation, "services">, room: string): boolean {
  return services === undefined || services.some((service) => service.startsWith(`${room}.`));
}

/**
 * By which right one acts for another person: 监护人 as his legal agent (民法典 §23), 继承人 in what a dead person left (民法典 §1121), or
 * 委托代理人 (民法典 §165).
 */
export type PersonRight = (typeof PERSON_RIGHTS)[number];
export const PERSON_RIGHTS = ["guardian", "heir", "agent"] as const;

/** Where an act came from, when it did not begin on this node. */
export interface Origin {
  /** The node that asks; this one itself where a foreign system came to its edge. */
  readonly node: string;
  /** Of that node, six digits of GB/T 2260: what it asks concerns this one where it names no other. */
  readonly division?: string | undefined;
  /** The foreign system that asks through that node's edge. */
  readonly client?: string | undefined;
}

/** Why something is asked; a closed list, so that a reader of the ledger knows what each means. */
export type Purpose =
  /** One's own affairs. */
  | "own-affairs"
  /** A case that is being handled. */
  | "case"
  /** A register that one keeps. */
  | "register-keeping"
  /** Checking a document or licence that one was shown. */
  | "verification"
  /** Information that is open to anyone. */
  | "public-information"
  /** Audit and supervision. */
  | "supervision"
  /** Running the node. */
  | "administration";

export const PURPOSES: readonly Purpose[] = [
  "own-affairs",
  "case",
  "register-keeping",
  "verification",
  "public-information",
  "supervision",
  "administration",
];

export type Zone = "intranet" | "extranet" | "internet";

/** One attempt to do one thing: who, for whom, why, when. Every door takes one. */
export interface Act {
  readonly id: string;
  readonly principal: Principal;
  /** The room through which the principal asks, when it is not asked directly; the right decided upon is that room's. */
  readonly via?: string | undefined;
  readonly onBehalfOf?: Representation | undefined;
  /** Absent: it began here. */
  readonly origin?: Origin | undefined;
  readonly purpose: Purpose | undefined;
  readonly legalBasis: readonly Citation[];
  readonly caseId?: string | undefined;
  readonly zone: Zone;
  readonly language: Language;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The caller's key: the same key and input give the same outcome, once. */
  readonly idempotencyKey?: string | undefined;
}
