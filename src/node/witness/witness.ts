import { equalBytes, fromUtf8 } from "#lib/crypto/bytes";
import type { PrivateKey } from "#lib/crypto/keys";
import { parseCheckpoint } from "#lib/merkle/checkpoint";
import { cosign, formatSignatureLine } from "#lib/merkle/cosignature";
import { type NoteVerifier, openNote, parseNote } from "#lib/merkle/note";
import { verifyConsistency } from "#lib/merkle/proof";
import { parseWitnessRequest } from "#lib/merkle/witness-request";
import type { SeenCheckpoints } from "./seen-checkpoints.ts";

/** What a witness answers over HTTP. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly contentType: string;
  readonly body: string;
}

export interface WitnessOptions {
  readonly name: string;
  readonly key: PrivateKey;
  /** The logs that it follows, each under its origin as the key's name. */
  readonly logs: readonly NoteVerifier[];
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
    const log = this.#options.logs.find(({ name }) => name === checkpoint.origin);
    if (log === undefined) return said(404, "this log is not followed here");
    if (openNote(request.note, [log]) === undefined) return said(403, "the log did not sign this");
    if (request.oldSize > checkpoint.size) return said(400, "the old size is larger than the checkpoint's");
    return await this.#inTurn(checkpoint.origin, async () => {
      const { seen, now, name, key } = this.#options;
      const known = await seen.of(checkpoint.origin);
      const old = known ?? { size: 0, root: undefined };
      if (old.size !== request.oldSize) return { ...said(409, String(old.size)), contentType: "text/x.tlog.size" };
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
      await seen.keep(checkpoint.origin, { size: checkpoint.size, root: checkpoint.root, note: request.note });
      const { text } = parseNote(request.note) ?? { text: "" };
      return said(200, formatSignatureLine(cosign(text, now(), { name, key })).trimEnd());
    });
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
