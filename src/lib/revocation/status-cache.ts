/**
 * What a relying party knows of certificates: signed answers and lists, kept until they expire. Where an issuer cannot be reached, what is kept
 * serves on, flagged as a debt; once it has expired nothing is known any more, and nothing new is accepted from that issuer. Pure: who
 * fetches and when is the caller's, the clock too.
 */
import { DerError } from "#lib/asn1/der";
import type { X509Certificate } from "#lib/x509/certificate";
import type { IssuerFacts, RevocationStatus, SignatureCheck } from "#lib/x509/path-validation";
import { DIGESTS, type Digests } from "./certificate-id.ts";
import type { Revocation } from "./reason.ts";
import {
  type ListIssuer,
  type ListProblem,
  listProblem,
  type RevocationList,
  readRevocationList,
} from "./revocation-list.ts";
import { type AnswerProblem, judgeAnswer, readStatusAnswer } from "./status-answer.ts";

/** What is older should be asked for again; a revocation is known so much later where its issuer can be reached. */
export const STATUS_FRESH_MS = 60_000;
/** Nothing is relied on for longer, whatever its signer promised. */
export const STATUS_MAX_LIFE_MS = 24 * 3_600_000;
const ANSWERS_MAX = 10_000;
const LISTS_MAX = 64;

/** What is known of a certificate. */
export interface KnownStatus {
  readonly status: RevocationStatus;
  readonly revocation?: Revocation;
  /** It is time to ask again. */
  readonly isDebt: boolean;
  /** When it was last signed; undefined where nothing is known. */
  readonly signedAtMs?: number;
}

export type TakeProblem = AnswerProblem | ListProblem | "malformed" | "no-answer" | "older";

interface Kept {
  readonly status: "good" | "unknown" | Revocation;
  readonly thisUpdateMs: number;
  readonly untilMs: number;
}

export interface StatusCacheOptions {
  readonly verify: (check: SignatureCheck) => boolean;
  readonly digests?: Digests;
  /** How far others' clocks may be ahead. */
  readonly skewMs?: number;
}

const UNKNOWN: KnownStatus = Object.freeze({ status: "unknown", isDebt: true });

export class StatusCache {
  readonly #options: StatusCacheOptions;
  readonly #answers = new Map<string, Kept>();
  readonly #lists = new Map<string, RevocationList>();

  constructor(options: StatusCacheOptions) {
    this.#options = options;
  }

  /** Takes a status answer for one certificate. Gives what is wrong with it, or nothing where it was taken. */
  takeAnswer(
    der: Uint8Array,
    about: {
      readonly serial: string;
      readonly issuer: IssuerFacts;
      readonly atMs: number;
      readonly nonce?: Uint8Array;
    },
  ): TakeProblem | undefined {
    const { verify, digests = DIGESTS, skewMs = 0 } = this.#options;
    return orMalformed(() => {
      const answer = readStatusAnswer(der);
      if (answer === undefined) return "no-answer";
      const judged = judgeAnswer(answer, { ...about, verify, digests, skewMs });
      if ("problem" in judged) return judged.problem;
      const { status, thisUpdateMs, nextUpdateMs } = judged.answer;
      const name = nameOf(about.issuer, about.serial);
      // An older answer that is still valid could be played back to hide a revocation.
      if (thisUpdateMs < (this.#answers.get(name)?.thisUpdateMs ?? 0)) return "older";
      const untilMs = Math.min(nextUpdateMs, thisUpdateMs + STATUS_MAX_LIFE_MS);
      keep(this.#answers, name, { status, thisUpdateMs, untilMs }, ANSWERS_MAX);
      return undefined;
    });
  }

  /** Takes an issuer's whole list. */
  takeList(
    der: Uint8Array,
    { issuer, atMs }: { readonly issuer: ListIssuer; readonly atMs: number },
  ): TakeProblem | undefined {
    const { verify, skewMs = 0 } = this.#options;
    return orMalformed(() => {
      const list = readRevocationList(der);
      if (list.deltaOf !== undefined) return "other-list";
      const problem = listProblem(list, {
        issuer,
        atMs: Math.max(atMs, Math.min(list.thisUpdateMs, atMs + skewMs)),
        verify,
      });
      if (problem !== undefined) return problem;
      const name = nameOf(issuer);
      if (list.number < (this.#lists.get(name)?.number ?? 0n)) return "older";
      keep(this.#lists, name, list, LISTS_MAX);
      return undefined;
    });
  }

  /** What is known at a time: the newer of answer and list; a revocation, once told, for ever. */
  status(
    serial: string,
    issuer: IssuerFacts,
    atMs: number,
    /** Of an authority's certificate: an off-line root signs its list rarely, and its own end counts. */
    { isAuthority = false }: { readonly isAuthority?: boolean } = {},
  ): KnownStatus {
    const all = [this.#answers.get(nameOf(issuer, serial)), this.#fromList(serial, issuer, isAuthority)]
      .filter((one) => one !== undefined)
      .sort((one, other) => other.thisUpdateMs - one.thisUpdateMs);
    const ended = all.find(({ status }) => typeof status !== "string" && status.reason !== "certificateHold");
    if (ended !== undefined) return asKnown(ended, atMs);
    const [newest] = all;
    // Whether a suspended certificate came back, nobody told: an older "good" does not say so.
    if (newest !== undefined && typeof newest.status !== "string" && atMs >= newest.untilMs) return UNKNOWN;
    const valid = all.find(({ untilMs }) => atMs < untilMs);
    return valid === undefined ? UNKNOWN : asKnown(valid, atMs);
  }

  /** For `PathOptions.status`. @param onDebt told of each certificate for which an old answer served */
  forPaths(atMs: number, onDebt: (serial: string) => void = () => undefined) {
    return (certificate: Pick<X509Certificate, "serial" | "isAuthority">, issuer: IssuerFacts): RevocationStatus => {
      const { serial, isAuthority } = certificate;
      const known = this.status(serial, issuer, atMs, { isAuthority });
      if (known.isDebt && known.status !== "unknown") onDebt(serial);
      return known.status;
    };
  }

  #fromList(serial: string, issuer: IssuerFacts, isAuthority: boolean): Kept | undefined {
    const list = this.#lists.get(nameOf(issuer));
    if (list === undefined) return undefined;
    const { thisUpdateMs, nextUpdateMs } = list;
    const untilMs = isAuthority ? nextUpdateMs : Math.min(nextUpdateMs, thisUpdateMs + STATUS_MAX_LIFE_MS);
    return { status: list.revoked.get(serial) ?? "good", thisUpdateMs, untilMs };
  }
}

function asKnown({ status, thisUpdateMs: signedAtMs }: Kept, atMs: number): KnownStatus {
  const isDebt = atMs - signedAtMs > STATUS_FRESH_MS;
  if (typeof status === "string") return { status, isDebt, signedAtMs };
  return { status: "revoked", revocation: status, isDebt, signedAtMs };
}

function orMalformed(take: () => TakeProblem | undefined): TakeProblem | undefined {
  try {
    return take();
  } catch (error) {
    if (error instanceof DerError) return "malformed";
    throw error;
  }
}

/** An issuer is its name with its key: one of the two alone could be another's. */
function nameOf({ name, publicKeyInfo }: IssuerFacts, serial = ""): string {
  return `${publicKeyInfo.toHex()} ${serial} ${name.key}`;
}

/** The entry that was written longest ago goes first. */
function keep<Value>(kept: Map<string, Value>, name: string, value: Value, most: number): void {
  kept.delete(name);
  kept.set(name, value);
  const oldest = kept.keys().next();
  if (kept.size > most && oldest.done !== true) kept.delete(oldest.value);
}
