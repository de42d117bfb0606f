/** What the country asks of the process of one node, and what that answers: over Node's channel between processes. */
import type { Text } from "#lib/language/text";
import type { ExchangeEvidence } from "../../infrastructure/exchange/evidence.ts";
import type { DemonstrationFacts } from "../demonstration/ensure.ts";
import type { SentJoining } from "../network/membership.ts";
import type { NodePlace } from "./wires.ts";

/** How a node's process is set up: the one argument of its program, as JSON. */
export interface NodeSetting {
  /** The node's code in the plan. */
  readonly code: string;
  readonly place: NodePlace;
  /** Where others find it, if not there where it listens. */
  readonly reached?: { readonly site: string; readonly exchange: string };
  /** Rooms that it keeps beside those of the plan. */
  readonly rooms: readonly string[];
  readonly databaseUrl: string;
  readonly dataFolder: string;
}

export interface ExchangedAct {
  readonly act: string;
  readonly peers: readonly string[];
  readonly calls: number;
}

export interface ListedKeys {
  readonly node: string;
  /** SPKI, base64: of its messages. */
  readonly messages: readonly string[];
  /** C2SP verifier keys of its log. */
  readonly log: readonly string[];
  /** C2SP keys with which it vouches for the logs of others. */
  readonly cosigning: readonly string[];
}

export interface Questions {
  /** Founds the directory. */
  found: { readonly asked: Record<never, never>; readonly answer: null };
  /** Sends a request to join to the node at this address. */
  join: { readonly asked: { readonly above: string }; readonly answer: SentJoining };
  /** Two officials of this node compare the request and let it in. */
  admit: { readonly asked: { readonly sent: SentJoining }; readonly answer: null };
  /** Takes certificate and directory. */
  enter: { readonly asked: { readonly sent: SentJoining }; readonly answer: null };
  /** Loads what of the demonstration this node has. */
  load: { readonly asked: Record<never, never>; readonly answer: DemonstrationFacts };
  /** Looks for what is new in the directory, now. */
  look: { readonly asked: Record<never, never>; readonly answer: readonly string[] };
  /** What somebody who signs in here does by a page: an operation, in one of his posts. */
  act: {
    readonly asked: { readonly as: string; readonly room: string; readonly operation: string; readonly input: unknown };
    readonly answer: unknown;
  };
  /** How many entries a register of this node has. */
  count: { readonly asked: { readonly room: string; readonly register: string }; readonly answer: number };
  /** Calls to and from other nodes that are on this node's record, by act, the newest first. */
  exchanges: { readonly asked: Record<never, never>; readonly answer: readonly ExchangedAct[] };
  /** What this node can prove of the calls of acts. */
  evidence: { readonly asked: { readonly acts: readonly string[] }; readonly answer: readonly ExchangeEvidence[] };
  /** Keys of nodes, as the directory lists them. */
  keys: { readonly asked: Record<never, never>; readonly answer: readonly ListedKeys[] };
  /** The bundle of evidence of one entry of the ledger. */
  bundle: { readonly asked: { readonly entry: number }; readonly answer: string };
  /** This node's card for the ferry. */
  card: { readonly asked: Record<never, never>; readonly answer: string };
  /** Puts a released package on media; gives the files. */
  export: { readonly asked: { readonly package: string }; readonly answer: readonly string[] };
  /** Reads media; gives how each package was taken, and the arrival. */
  import: {
    readonly asked: { readonly paths: readonly string[] };
    readonly answer: readonly { readonly outcome: string; readonly arrival?: string | undefined }[];
  };
  /** Tries to open a connection to each of the addresses (`host:port`), and tells what came of it: `connected`, or the system's word. */
  reach: { readonly asked: { readonly addresses: readonly string[] }; readonly answer: readonly string[] };
  /** Resident memory, in bytes. */
  memory: { readonly asked: Record<never, never>; readonly answer: number };
  stop: { readonly asked: Record<never, never>; readonly answer: null };
}
export type Question = keyof Questions;

export interface Asked {
  readonly number: number;
  /** One of `Questions`, or one that a program of its own answers. */
  readonly question: string;
  readonly asked: unknown;
}

export type Told =
  | { readonly kind: "ready"; readonly address: string }
  | { readonly kind: "progress"; readonly words: Text }
  | { readonly kind: "answer"; readonly number: number; readonly answer: unknown }
  | { readonly kind: "failed"; readonly number: number; readonly why: string };
