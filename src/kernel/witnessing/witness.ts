import { equalBytes, fromUtf8 } from "#lib/crypto/bytes";
import { international } from "#lib/crypto/international";
import { type PrivateKey, publicKeyOf } from "#lib/crypto/keys";
import { type Checkpoint, parseCheckpoint } from "#lib/merkle/checkpoint";
import { cosignatureOf, cosigned, formatSignatureLine, witnessKey } from "#lib/merkle/cosignature";
import { formatVerifierKey, type NoteVerifier, parseNote } from "#lib/merkle/note";
import { verifyConsistency } from "#lib/merkle/proof";
import {
  type KeyTerm,
  keyTerms,
  openCheckpointInTerm,
  openSuccession,
  SUCCESSIONS_MAX,
  type Succession,
  saysSuccession,
} from "#lib/merkle/succession";
import { formatSuiteVerifierKey, type SuiteNoteVerifier } from "#lib/merkle/suite-note";
import { parseWitnessRequest } from "#lib/merkle/witness-request";
import type { CosigningKey } from "../ports.ts";

/** The newest checkpoint of a log that a witness vouched for. */
export interface SeenCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
  /** How the log's key was followed by another, as far as this witness was told, as signed notes in the order of the log. */
  readonly successions: readonly string[];
}

/** What a witness has seen, by the origins of logs. */
export interface SeenCheckpoints {
  of(origin: string): Promise<SeenCheckpoint | undefined>;
  /**
   * Keeps what follows on what was seen; safe on disk when it resolves.
   * @returns false where something else is kept by now: another process was first
   */
  replace(origin: string, before: SeenCheckpoint | undefined, next: SeenCheckpoint): Promise<boolean>;
}

/** What a witness answers over HTTP. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly contentType: string;
  readonly body: string;
}

export interface WitnessOptions {
  readonly key: CosigningKey;
  /** The logs that it follows, each under its origin as the key's name. From one key it is led to the next by the log itself. */
  readonly logs: () => readonly NoteVerifier[];
  readonly seen: SeenCheckpoints;
  /** Seconds since 1970. */
  readonly now: () => number;
}

/**
 * A witness (C2SP tlog-witness): vouches for a log's checkpoint only if it continues the one that it vouched for last. Whoever
 * demands its signature cannot be shown another history than everybody else.
 */
export class Witness {
  readonly #options: WitnessOptions;
  /** One request at a log after the other: two continuations of one checkpoint are how a log would fork. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  async addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    const request = parseWitnessRequest(readText(body));
    const checkpoint = parseCheckpoint(parseNote(request?.note ?? "")?.text ?? "");
    if (request === undefined || checkpoint === undefined) return said(400, "malformed");
    const keys = this.#options.logs().filter(({ name }) => name === checkpoint.origin);
    if (keys.length === 0) return said(404, "this log is not followed here");
    if (request.oldSize > checkpoint.size) return said(400, "the old size is larger than the checkpoint's");
    return await this.#inTurn(checkpoint.origin, async () => {
      const { seen, now, key } = this.#options;
      const known = await seen.of(checkpoint.origin);
      const successions = this.#follow(request.note, checkpoint, { keys, known: known?.successions ?? [] });
      if (successions === undefined) return said(403, "the log did not sign this");
      const old = known ?? { size: 0, root: undefined };
      if (old.size !== request.oldSize) return knows(old.size);
      if (old.root !== undefined) {
        if (old.size === checkpoint.size && !equalBytes(old.root, checkpoint.root))
          return said(409, "another tree of this size");
        const continues = verifyConsistency({
          size1: old.size,
          root1: old.root,
          size2: checkpoint.size,
          root2: checkpoint.root,
          proof: request.proof,
        });
        if (!continues) return said(422, "the proof does not show that this continues what was seen");
      } else if (request.proof.length > 0) return said(422, "nothing was seen before: there is nothing to prove");
      // On disk before it is told: after a crash it must not vouch for a fork of this.
      const next = { size: checkpoint.size, root: checkpoint.root, note: request.note, successions };
      if (!(await seen.replace(checkpoint.origin, known, next)))
        return knows((await seen.of(checkpoint.origin))?.size ?? 0);
      const { text } = parseNote(request.note) ?? { text: "" };
      const at = now();
      const signature = await key.sign(cosigned(text, at));
      return said(200, formatSignatureLine(cosignatureOf(key.key, at, signature)).trimEnd());
    });
  }

  /**
   * Whether the key that signs a log of this size signed this one, and how it came to be that key.
   * @returns the successions to keep; undefined where it is not, or where it is to be followed by another than it is known to be
   */
  #follow(
    note: string,
    checkpoint: Checkpoint,
    { keys, known }: { readonly keys: readonly NoteVerifier[]; readonly known: readonly string[] },
  ): readonly string[] | undefined {
    const steps = known.flatMap((one) => openSuccession(one) ?? []);
    const terms = keyTerms(keys, steps);
    if (openCheckpointInTerm(note, terms) === undefined) return undefined;
    if (!saysSuccession(checkpoint)) return known;
    const step = openSuccession(note);
    if (step === undefined) return undefined;
    const text = parseNote(note)?.text;
    if (known.some((one) => parseNote(one)?.text === text)) return known;
    const followed = keyTerms(keys, [...steps, step]);
    if (isFollowed(step, followed) && !isFollowed(step, terms)) {
      return known.length < SUCCESSIONS_MAX ? [...known, note] : undefined;
    }
    // The key before is none that is known here: the operator, or the directory, has told the one after already.
    return followed.some(({ verifier }) => isKey(verifier, step.former[0])) ? undefined : known;
  }

  async #inTurn<Result>(origin: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(origin);
    const turn = (async () => {
      await before?.catch(() => undefined);
      return await work();
    })();
    this.#turns.set(origin, turn);
    return await turn;
  }
}

function isFollowed(step: Succession, terms: readonly KeyTerm[]): boolean {
  return terms.some(({ verifier, to }) => isKey(verifier, step.former[0]) && to === step.size);
}

function isKey(verifier: NoteVerifier, key: SuiteNoteVerifier | undefined): boolean {
  return key !== undefined && formatVerifierKey(verifier) === formatSuiteVerifierKey(key);
}

/** A key that is held in memory, as one that signs. */
export function cosigningKey(name: string, key: PrivateKey): CosigningKey {
  return {
    key: witnessKey(name, publicKeyOf(key)),
    sign: async (message) => international.sign({ key, message }),
  };
}

function knows(size: number): WitnessAnswer {
  return { ...said(409, String(size)), contentType: "text/x.tlog.size" };
}

function readText(body: Uint8Array): string {
  try {
    return fromUtf8(body);
  } catch {
    return "";
  }
}

function said(status: WitnessAnswer["status"], body: string): WitnessAnswer {
  return { status, contentType: "text/plain; charset=utf-8", body: `${body}\n` };
}
