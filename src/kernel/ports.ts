import type { CryptoSuite } from "#lib/crypto/suite";
import type { Text } from "#lib/language/text";
import type { WitnessKey } from "#lib/merkle/cosignature";
import type { Citation } from "./contract/citation.ts";
import type { Refusal } from "./contract/refusal.ts";
import type { FileOfCall } from "./contract/stored-file.ts";
import type { LedgerSubject } from "./ledger/entry.ts";
import type { Act, Principal, Representation } from "./system/act.ts";

/**
 * Ports: what the kernel needs and rooms provide. The kernel names no room; `node` wires them.
 */

/** Signs in the name of authorities, officials, persons and the node. Keys never leave the room that implements it. */
export interface Signer {
  /** Seals a PDF with an authority's seal (PAdES). Throws a fault when the authority has no valid seal certificate. */
  sealDocument(request: {
    readonly pdf: Uint8Array;
    readonly authority: string;
    readonly seal: "licensing" | "authority";
    readonly reason: string;
    /** ISO 8601. */
    readonly at: string;
  }): Promise<Uint8Array>;
  /**
   * Seals a document once more, beside it, in the suites that the node has for detached seals
   * (`lib/crypto/purposes.ts`; `documents/detached-seal.ts` for the form).
   */
  sealBeside(request: {
    readonly document: Uint8Array;
    readonly authority: string;
    readonly seal: "licensing" | "authority";
    readonly reason: string;
    /** ISO 8601. */
    readonly at: string;
  }): Promise<Uint8Array>;
  /**
   * Signs with the personal key of a person or official, held by the node. Gives a JWS in compact form (RFC 7515), with the payload and the
   * certificates in it, and the signer's certificate once more by itself.
   */
  signAs(request: {
    readonly signer: { readonly kind: "person" | "official"; readonly id: string; readonly name: string };
    /** What kind of thing is signed: `zhengtong-statement+jws`. */
    readonly type: string;
    readonly payload: Uint8Array;
    readonly at: string;
  }): Promise<{ readonly token: string; readonly certificatePem: string }>;
}

/** Signs ledger checkpoints (C2SP signed note). */
export interface CheckpointSigner {
  readonly origin: string;
  /** The verifier key in C2SP vkey form. */
  readonly verifierKey: string;
  /** Keys of other suites that sign beside it, in the same form (`lib/merkle/suite-note.ts`). */
  readonly furtherKeys?: readonly string[];
  /** Gives the signature lines for a note's text. */
  sign(noteText: string): Promise<string>;
  /** The signer under the keys that follow these, made at the first need; absent: none follows. */
  successor?(): Promise<CheckpointSigner>;
}

/** Keys with which a node belongs to a directory of nodes. */
export interface NodeKeys {
  /** Signs notes (C2SP signed-note) about this node, with a key of every suite at once: its request to join, its part of the directory. */
  noteSigner(name: string): Promise<CheckpointSigner>;
  /**
   * Its keys that count as compromised (SHA-256 of SubjectPublicKeyInfo, hexadecimal), as of now: whoever asks has the signers here follow. None
   * of them signs a message from then on.
   */
  compromised(): Promise<ReadonlySet<string>>;
  /** Signs what it sends to other nodes, in its suite. */
  messageSigner(): Promise<MessageSigner>;
  /**
   * The key of its TLS connections.
   * @param chain of whose first certificate it is to be, PEM; absent: the one in use, or another where that is compromised and no certificate holds on to it
   */
  tlsKey(chain?: string): Promise<TlsKey>;
  /** The key that replaces it, made at the first need; it is in use once it is asked for by its certificate. */
  nextTlsKey(): Promise<TlsKey>;
  /**
   * With which it vouches for the logs of others.
   * @param generation another one where the node may have forgotten what it vouched for: then that key signs nothing any more
   */
  cosigningKey(name: string, generation: number): Promise<CosigningKey>;
  /** Roots (DER) below which stand the certificates of the seals that this node makes for its authorities. */
  sealRoots(): readonly Uint8Array[];
}

/** Vouches for checkpoints (C2SP tlog-cosignature). */
export interface CosigningKey {
  readonly key: WitnessKey;
  /** Ed25519. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface MessageSigner {
  /** The beginning of the SHA-256 of its public half. */
  readonly id: string;
  readonly suite: CryptoSuite["name"];
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** Ed25519, or SM2 with SM3 as r ‖ s: 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** ECDSA on P-256: Node's TLS takes the key itself, and no SM2. */
export interface TlsKey {
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  /** A certificate request (PKCS #10, PEM) for a host name. */
  request(host: string): Promise<string>;
}

/** What became of certificates that were shown to this node, or that it was told to trust by themselves; the room of trust implements it. */
export interface CertificateStanding {
  /**
   * Whether whoever issued it has revoked or suspended it, as far as is known at this moment.
   * @param fingerprint SHA-256 of its DER, lower-case hexadecimal
   */
  isWithdrawn(fingerprint: string): boolean;
  /** Has its issuer asked from now on, where that is another node. @param certificate DER */
  watch(certificate: Uint8Array): void;
  /** Told when one was withdrawn or reinstated. Gives what stops it. */
  onChange(listener: () => void): () => void;
}

/** One generation of the keys that seal. */
export interface DataKeyGeneration {
  /** As it stands in every envelope that was sealed with it. */
  readonly id: string;
  /** 32 bytes, from which a key for each purpose derives. */
  readonly secret: Uint8Array;
  readonly suite: CryptoSuite["name"];
}

/** The generations that a node has now. */
export interface DataKeys {
  /** Seals. */
  readonly current: DataKeyGeneration;
  /** Open what they sealed: that one, and those before and after it. */
  readonly all: readonly DataKeyGeneration[];
  /** Ids of those that were destroyed: what they alone protected is erased. */
  readonly destroyed: ReadonlySet<string>;
}

/** One generation of the keys by which sealed values are found, subjects named, and forms carry tokens. */
export interface IndexKeyGeneration extends DataKeyGeneration {
  /** Until when what was signed with it counts, in milliseconds of the epoch: tokens of forms, cookies, nonces. */
  readonly acceptedUntil: number;
}

/** Those that a node has now: what is written is written by the current one, what is looked up by each. */
export interface IndexKeys {
  readonly current: IndexKeyGeneration;
  readonly all: readonly IndexKeyGeneration[];
}

/** Secrets of the node, from which keys derive. */
export interface KeyMaterial {
  /** 32 bytes, which stay the same: of names that others keep, and of everything where there are no generations. */
  masterKey(): Uint8Array;
  /** The same object until something changes; asked for each time. */
  dataKeys?(): DataKeys;
  /** Likewise. */
  indexKeys?(): IndexKeys;
  /** Told of a key that is not among them: another process may have made it. */
  missed?(id: string): void;
}

/** Looks at uploads for malware. */
export interface Scanner {
  scan(bytes: Uint8Array): Promise<{ readonly clean: true } | { readonly clean: false; readonly found: string }>;
}

/** Sends words to people outside the node: e-mail, SMS. What it cannot deliver it says. */
export interface Messages {
  /** The same id again is the same message: it reaches its addressee once. */
  send(message: {
    readonly id: string;
    readonly channel: "email" | "sms";
    readonly to: string;
    readonly subject: string;
    readonly body: string;
  }): Promise<{ readonly sent: boolean; readonly reason?: string }>;
}

/** Where people asked to be written to about their own cases. */
export interface Addresses {
  /** Undefined where a person gave no address, has not confirmed it, or does not want it. */
  emailOf(about: { readonly personId: string; readonly caseId: string }): Promise<string | undefined>;
  /** Whether a person can open what is put into his inbox. Whoever has no account is handed his notices. */
  hasAccount(about: { readonly personId: string; readonly caseId: string }): Promise<boolean>;
}

/** Renders a document of a declared kind to PDF/A. */
export interface Documents {
  render(request: { readonly kind: string; readonly data: unknown }): Promise<
    | { readonly pdf: Uint8Array }
    /** A character that no font at hand can draw: the document stops, an operator has a task. */
    | { readonly missingCharacters: readonly string[] }
  >;
}

/** Counts and records what is done by right of policies that limit how often, and says how much of an answer leaves. */
export interface UseRecords {
  /**
   * Takes one use, safe on disk when it resolves, before anything is done. `spent`: none is left, or whoever gave the right took it
   * back; undefined: no policy that let this
   * through is counted, and all of the answer may leave.
   * @param use `act`: with the principal by whose right it was decided; `policies`: those that decided
   */
  begin(use: {
    readonly act: Act;
    readonly room: string;
    readonly operation: string;
    readonly policies: readonly string[];
  }): Promise<BegunUse | "spent" | undefined>;
}

export interface BegunUse {
  /** Of the answer, the attributes that may leave, as `partOfAnswer` reads them; undefined: all of it. */
  readonly given?: ReadonlySet<string>;
  /** What came of it, and of whom the answer speaks; on disk when it resolves, before the answer leaves. */
  end(outcome: string, subjects: readonly LedgerSubject[]): Promise<void>;
}

/** What was granted to other nodes of this one's registers, by number: where such grants are kept. */
export interface RegisterGrants {
  /** What a grant lets a node have of a register at an instant, or why nothing. */
  standing(asked: {
    readonly grant: number;
    readonly register: string;
    readonly node: string;
    readonly purpose: string;
    /** ISO 8601. */
    readonly at: string;
  }): Promise<RegisterGrant | RegisterGrantProblem>;
  /** Takes as many uses as versions are to leave, safe on disk when it resolves; undefined: there are not so many, or the grant is closed. */
  take(use: {
    readonly grant: number;
    readonly node: string;
    readonly operation: string;
    readonly amount: number;
    readonly act: Act;
  }): Promise<BegunUse | undefined>;
  /** Those in force, for whoever sees to it that the data flow. */
  inForce(at: string): Promise<readonly { readonly grant: number; readonly register: string; readonly node: string }[]>;
}

export interface RegisterGrant {
  readonly grant: number;
  readonly attributes: readonly string[];
  readonly purposes: readonly string[];
  readonly basis: Citation;
  /** ISO 8601; in force before it. */
  readonly until: string;
  /** Versions that may still leave, today and in all. */
  readonly left: number;
}

export type RegisterGrantProblem =
  /** None that names this node, this register and this purpose. */
  "no-grant" | "grant-suspended" | "grant-ended" | "grant-expired" | "grant-not-shared";

/** Which posts an official holds now, on leave taken into account. */
export interface Posts {
  holders(request: {
    readonly authority: string;
    readonly duty: string;
  }): Promise<readonly { readonly officialId: string; readonly postId: string; readonly name: string }[]>;
  /** How the applicant and the ledger name an authority. */
  authority(id: string): Promise<
    | {
        readonly id: string;
        readonly name: Text;
        readonly division: string;
        readonly reconsideration: Text;
        readonly court: Text;
        readonly address: string;
        readonly phone: string;
      }
    | undefined
  >;
  /** An official's name, for a document that names who is in charge; undefined where nobody is known by this id. */
  nameOf(officialId: string): Promise<string | undefined>;
}

/** A signed-in person or official, as the HTTP layer needs them. */
export interface Session {
  /** Not the token: what names the session in lists and binds form tokens. */
  readonly id: string;
  readonly principal: Principal;
  /** How the page greets them. */
  readonly displayName: string;
  readonly onBehalfOf?: Representation | undefined;
}

/** Who holds a session token. */
export interface Principals {
  /** Undefined for a forged, ended or expired token. */
  session(token: string, at: string): Promise<Session | undefined>;
}

/** Where rooms are kept: the directory knows. */
export interface Routes {
  /** The code of this node. */
  readonly self: string;
  /** @param division the division concerned, GB/T 2260; undefined: the node's own */
  hostOf(room: string, division: string | undefined): Route;
  /** Whether a node stands above or below this one. */
  standsInLine(node: string): boolean;
  /** Other nodes that can be called, by code; absent where the routes know of none. */
  others?(): readonly ListedNode[];
  /** Authorities of all nodes, as the directory has them. */
  authorities?(): readonly ListedAuthority[];
}

export interface ListedNode {
  readonly code: string;
  readonly name: Text;
  /** Six digits of GB/T 2260. */
  readonly division: string;
}

export interface ListedAuthority {
  readonly id: string;
  readonly name: Text;
  readonly division: string;
  readonly parent?: string | undefined;
  /** Of the government itself (宪法 ch. 3 §5), and not of a congress, court or other organ. */
  readonly isGovernment: boolean;
}

export type Route =
  | { readonly kind: "here" }
  | { readonly kind: "node"; readonly node: string }
  /** Nobody keeps it, or the directory cannot be relied on. */
  | { readonly kind: "nowhere" };

/** Takes calls to other nodes. */
export interface Transport {
  /**
   * The value or the callee's refusal, held against the contract where this node has it; `unavailable` where the node cannot be reached
   * or does not answer in time. Both sides have it in their ledgers when this resolves.
   */
  carry(node: string, act: Act, call: RoomCall): Promise<unknown | Refusal>;
  /** The bytes of a file that a call from that node named; undefined where they do not come. Absent where nothing is fetched. */
  bring?(node: string, act: Act, file: FileOfCall): Promise<Uint8Array | undefined>;
}

/** What a node signs for another one, whoever carries it there. */
export interface NodeProofs {
  /** The code of this node. */
  readonly self: string;
  sign(message: Uint8Array): Promise<NodeProof>;
  /** Whether a node of the directory signed this, with a key that it has today. */
  isSignedBy(node: string, message: Uint8Array, proof: NodeProof): boolean;
  /** Seals for a node of the directory, so that none other reads it; undefined where it lists no key for that. */
  sealFor(node: string, body: Uint8Array, info: Uint8Array): Sealed | undefined;
  /** What was sealed for this node; undefined where it was not, or was changed. */
  open(sealed: Sealed, info: Uint8Array): Uint8Array | undefined;
}

/** Base64: the key, wrapped for its reader, and what it seals. */
export interface Sealed {
  readonly wrapped: string;
  readonly sealed: string;
}

export interface NodeProof {
  readonly keyId: string;
  /** Base64. */
  readonly signature: string;
}

/** One operation of one room, with its input. */
export interface RoomCall {
  readonly room: string;
  readonly operation: string;
  readonly input: unknown;
  /** The code of the node that is meant, of what each node keeps for itself; absent: as the directory says. */
  readonly at?: string | undefined;
}
