import type { FrameProblem } from "../frames/frame.ts";

/** Why a request is turned away as a whole; the sender is told the word. */
export type Turned =
  | FrameProblem
  | "schema"
  | "replayed"
  | "busy"
  | "encoding"
  | "too-long"
  | "too-slow"
  | "broken"
  | "link";

export const STATUS: Readonly<Record<Turned, number>> = {
  missing: 401,
  malformed: 400,
  components: 400,
  algorithm: 401,
  "key-unknown": 401,
  time: 401,
  signature: 401,
  digest: 400,
  frame: 400,
  addressee: 403,
  root: 400,
  schema: 400,
  replayed: 409,
  busy: 503,
  encoding: 415,
  "too-long": 413,
  "too-slow": 408,
  broken: 400,
  link: 400,
};

/** What no honest peer sends, and is entered into the ledger: it was an attempt. */
export const ATTEMPTS: ReadonlySet<Turned> = new Set([
  "missing",
  "malformed",
  "components",
  "algorithm",
  "key-unknown",
  "time",
  "signature",
  "digest",
  "frame",
  "addressee",
  "root",
  "schema",
  "replayed",
  "encoding",
]);
