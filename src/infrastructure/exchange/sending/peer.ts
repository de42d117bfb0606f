import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { Fault, isFault } from "#kernel/errors/fault";
import type { LedgerSubject } from "#kernel/ledger/entry";
import { toBase64url } from "#lib/crypto/base64url";
import { sha256Hex } from "#lib/crypto/digest";
import { ANSWERS_PATH, FRAMES_PATH, openFrame, type SignedFrame, signFrame } from "../frames/frame.ts";
import { type Outcome, readAnswer } from "../frames/messages.ts";
import { gathering } from "../gathering.ts";
import {
  CALL_MAX_BYTES,
  CLIENT_QUEUE_CALLS,
  CLIENT_WINDOW_BESIDE_CALLS,
  CLIENT_WINDOW_CALLS,
  FRAME_ENOUGH_BYTES,
  FRAME_MAX_MESSAGES,
  FRAME_TIMEOUT_MS,
  FRAMES_UNDER_WAY,
  PEER_QUEUE_CALLS,
  PEER_WINDOW_CALLS,
  PRESENT_MS,
  SILENCE_MAX_MS,
} from "../limits.ts";
import type { TlsCredentials } from "../listener.ts";
import { type Party, WITHDRAWN_WORDS } from "../party.ts";
import { type Turn, Turns } from "../turns.ts";
import { costOf } from "../whose-turn.ts";
import { AnswerStream, type StreamedMessage } from "./answer-stream.ts";
import { Circuit } from "./circuit.ts";
import { Pauses } from "./pauses.ts";
import { PinnedAgent } from "./pinned-agent.ts";

/** What became of a call. */
export type Asked =
  | {
      readonly kind: "answered";
      readonly outcome: Outcome;
      readonly subjects: readonly LedgerSubject[];
      readonly place: PlaceOfCall;
      readonly answer: PlaceOfCall;
      /** The frame of answers, to be kept with the first entry that tells of it. */
      readonly keepFrame: () => Promise<void>;
    }
  /** It left, and nobody knows what became of it. */
  | { readonly kind: "unanswered"; readonly place: PlaceOfCall }
  /** It did not leave, or was turned away as a whole. */
  | { readonly kind: "unsent"; readonly why: string };

export interface PlaceOfCall {
  readonly frame: string;
  readonly place: number;
}

interface Pending {
  readonly line: Uint8Array;
  readonly turn: Turn;
  readonly resolve: (asked: Asked) => void;
  readonly until: number;
  leaf: Uint8Array | undefined;
  place: PlaceOfCall | undefined;
  /** Its caller has been told what became of it: it may be answered before its frame is turned away, or the other way round. */
  isOver: boolean;
}

export interface PeerOptions {
  readonly code: string;
  readonly party: Party;
  readonly tls: () => TlsCredentials;
  /** Of this process: answers come back on it. */
  readonly link: string;
  readonly callTimeoutMs: number;
}

/**
 * The side that asks, for one other node: calls wait in a fair queue, leave in frames, and are answered on a stream that stays open. Sizes
 * of all queues are bounded; a peer that is away costs a caller nothing but the answer that it is.
 */
export class Peer {
  readonly code: string;
  readonly #options: PeerOptions;
  readonly #queue = new Turns<Pending>({
    whole: { waiting: PEER_QUEUE_CALLS, active: PEER_WINDOW_CALLS },
    levels: [
      { waiting: CLIENT_QUEUE_CALLS, active: CLIENT_WINDOW_CALLS, activeBeside: CLIENT_WINDOW_BESIDE_CALLS },
      { waiting: CLIENT_QUEUE_CALLS, active: CLIENT_WINDOW_CALLS },
    ],
    presentMs: PRESENT_MS,
    nowMs: () => performance.now(),
  });
  readonly #pauses = new Pauses();
  /** By `frame/place`. */
  readonly #pending = new Map<string, Pending>();
  readonly #circuit = new Circuit();
  readonly #frames: PinnedAgent;
  readonly #answers: PinnedAgent;
  #underWay = 0;
  #isStreaming = false;
  #stream: { destroy(): unknown } | undefined;
  #lastHeard = 0;
  #watch: NodeJS.Timeout | undefined;
  #isClosed = false;
  #seen: unknown;
  /** The certificate that it showed last. */
  #shown: string | undefined;
  readonly counts = { answered: 0, unanswered: 0, unsent: 0, broken: 0, frames: 0 };
  /** Of calls that did not leave, those for which there was no room: here in the queue, or at the other side, which said that it is busy. */
  #busy = 0;

  constructor(options: PeerOptions) {
    this.code = options.code;
    this.#options = options;
    const pinned = {
      tls: options.tls,
      isTheirs: (fingerprint: string) => this.#isTheirs(fingerprint),
      onShown: (certificate: Uint8Array) => {
        this.#shown = sha256Hex(certificate);
        options.party.watch(certificate);
      },
    };
    this.#frames = new PinnedAgent({ ...pinned, maxSockets: FRAMES_UNDER_WAY });
    this.#answers = new PinnedAgent({ ...pinned, maxSockets: 1 });
  }

  /** For an operator. */
  get state() {
    const { waiting, active } = this.#queue;
    return {
      node: this.code,
      circuit: this.#circuit.state,
      waiting,
      underWay: active,
      busy: this.#busy,
      ...this.counts,
    };
  }

  /**
   * Asks.
   * @param call its line is written where there is room for it
   */
  ask(call: { readonly line: () => Uint8Array; readonly turn: Turn }): Promise<Asked> {
    return new Promise((resolve) => {
      const unsent = (why: string) => {
        this.counts.unsent += 1;
        if (why === "full") this.#busy += 1;
        resolve({ kind: "unsent", why });
      };
      const { turn } = call;
      if (this.#isClosed) return unsent("stopped");
      if (this.#circuit.state === "open") return unsent("circuit");
      if (!this.#queue.hasRoom(turn)) return this.#pauses.add(() => unsent("full"));
      const line = call.line();
      if (line.length > CALL_MAX_BYTES) return unsent("too-long");
      const until = performance.now() + this.#options.callTimeoutMs;
      const pending: Pending = { turn, line, resolve, until, leaf: undefined, place: undefined, isOver: false };
      if (!this.#queue.offer(turn, pending, costOf(line))) return unsent("full");
      this.#watch ??= setInterval(() => this.#look(), 250).unref();
      this.#send();
    });
  }

  #send(): void {
    while (this.#underWay < FRAMES_UNDER_WAY && this.#queue.waiting > 0) {
      this.#underWay += 1;
      let hasSent = false;
      void gathering(() => this.#queue.waiting, FRAME_MAX_MESSAGES)
        .then(() => this.#sendOne())
        .then((sent) => {
          hasSent = sent;
        })
        .finally(() => {
          this.#underWay -= 1;
          // Where nobody may go now, the next one that is answered sends.
          if (hasSent && this.#queue.waiting > 0 && this.#queue.active < PEER_WINDOW_CALLS) this.#send();
        });
    }
  }

  #take(): readonly Pending[] {
    const calls: Pending[] = [];
    let bytes = 0;
    while (calls.length < FRAME_MAX_MESSAGES && bytes < FRAME_ENOUGH_BYTES) {
      const call = this.#queue.take();
      if (call === undefined) break;
      if (call.until <= performance.now()) {
        this.#finish(call, { kind: "unsent", why: "late" });
        continue;
      }
      calls.push(call);
      bytes += call.line.length;
    }
    return calls;
  }

  /** @returns whether there was anything to send */
  async #sendOne(): Promise<boolean> {
    const view = this.#options.party.view();
    // Whose certificate was struck or replaced is not spoken to on an old connection.
    if (this.#seen !== undefined && this.#seen !== view) this.renew();
    this.#seen = view;
    const calls = this.#take();
    if (calls.length === 0) return false;
    const { party } = this.#options;
    try {
      const at = party.kernel.now();
      const signer = await party.signer();
      const frame = await signFrame(
        {
          kind: "calls",
          id: party.kernel.newId(),
          from: party.self,
          to: this.code,
          lines: calls.map(({ line }) => line),
          nowSeconds: Math.floor(Date.parse(at) / 1000),
        },
        signer,
      );
      // Before it leaves: what the other side can prove that we asked, we know that we asked.
      await party.journal.keep({
        frames: [
          {
            ...{ frame, peer: this.code, direction: "calls-out", at },
            signedBy: { node: party.self, publicKey: signer.publicKey },
          },
        ],
      });
      for (const [place, call] of calls.entries()) {
        call.leaf = frame.leaves[place];
        call.place = { frame: frame.id, place };
        this.#pending.set(`${frame.id}/${place}`, call);
      }
      this.#listen();
      this.counts.frames += 1;
      const why = await this.#post(frame);
      if (why === undefined) {
        this.#circuit.succeeded();
        return true;
      }
      if (WITHDRAWN_WORDS.has(why)) this.#abandon(why);
      if (why === "busy") this.#busy += calls.length;
      for (const call of calls) this.#finish(call, this.#notTaken(call, why));
    } catch (error) {
      party.onFault(error);
      for (const call of calls) this.#finish(call, this.#notTaken(call, "failed"));
    }
    return true;
  }

  #notTaken({ place }: Pending, why: string): Asked {
    return why === "lost" && place !== undefined ? { kind: "unanswered", place } : { kind: "unsent", why };
  }

  /** @returns why it was not taken: `away`, `lost` when nobody knows, or the word of the other side; undefined when it was */
  async #post(frame: SignedFrame): Promise<string | undefined> {
    const first = await this.#postOnce(frame);
    if (first !== "lost") return first;
    // The same frame again is taken once: if it came through the first time, the other side says so. Whatever else it says is of the
    // second time alone: another of its processes may have taken the first.
    const again = await this.#postOnce(frame);
    return again === undefined || again === "replayed" ? undefined : "lost";
  }

  #postOnce(frame: SignedFrame): Promise<string | undefined> {
    const url = this.#urlOf(FRAMES_PATH);
    if (url === undefined) return Promise.resolve("away");
    return new Promise((resolve) => {
      let hasConnection = false;
      const sent = request(url, {
        method: "POST",
        agent: this.#frames,
        headers: { ...frame.fields, "zhengtong-link": this.#options.link, "content-length": frame.body.length },
        timeout: FRAME_TIMEOUT_MS,
      });
      const over = (outcome: string | undefined) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      const timer = setTimeout(() => {
        this.#circuit.failed();
        sent.destroy();
        over("lost");
      }, FRAME_TIMEOUT_MS);
      sent.on("socket", () => {
        hasConnection = true;
      });
      sent.on("error", (error) => {
        this.#circuit.failed();
        if (isFault(error)) this.#options.party.onFault(error);
        over(hasConnection ? "lost" : "away");
      });
      sent.on("response", (response) => void readWord(response).then(over));
      sent.end(frame.body);
    });
  }

  #urlOf(path: string): string | undefined {
    const { party } = this.#options;
    const address = party.peer(this.code)?.exchange;
    return address === undefined ? undefined : `${address}${path}`;
  }

  #isTheirs(fingerprint: string): boolean {
    return this.#options.party.peerOf(fingerprint)?.code === this.code;
  }

  /** Opens the stream of answers, as long as there is anything to wait for. */
  #listen(): void {
    const url = this.#urlOf(ANSWERS_PATH);
    if (this.#isStreaming || this.#isClosed || url === undefined) return;
    this.#isStreaming = true;
    const asked = request(url, { agent: this.#answers, headers: { "zhengtong-link": this.#options.link } });
    // From the asking on: one that never begins is as silent as one that stops.
    this.#stream = asked;
    this.#lastHeard = performance.now();
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      this.#isStreaming = false;
      this.#stream = undefined;
      asked.destroy();
      if (this.#pending.size > 0) setTimeout(() => this.#listen(), 100).unref();
    };
    asked.on("error", over);
    asked.on("close", over);
    asked.on("response", (response) => {
      if (response.statusCode !== 200) {
        void readWord(response).then((word) => {
          if (WITHDRAWN_WORDS.has(word ?? "")) this.#abandon(word ?? "");
          over();
        });
        return;
      }
      this.#stream = response;
      this.#lastHeard = performance.now();
      const stream = new AnswerStream();
      response.on("data", (part: Buffer) => {
        this.#lastHeard = performance.now();
        try {
          for (const message of stream.push(part)) this.#hear(message);
        } catch (error) {
          this.counts.broken += 1;
          this.#options.party.onFault(error);
          over();
        }
      });
      response.on("end", over);
      response.on("error", over);
      response.on("close", over);
    });
    asked.end();
  }

  #hear(message: StreamedMessage): void {
    const { party } = this.#options;
    const entry = party.peer(this.code);
    if (entry === undefined) return;
    const at = party.kernel.now();
    const frame = openFrame(message, {
      kind: "answers",
      from: this.code,
      to: party.self,
      nowSeconds: Date.parse(at) / 1000,
      keyOf: (keyId) => party.keyOf(entry, keyId),
    });
    if (typeof frame === "string") {
      this.counts.broken += 1;
      throw new SyntaxError(`a frame of answers is refused: ${frame}`);
    }
    let kept: Promise<void> | undefined;
    const keepFrame = () => {
      kept ??= party.journal.keep({
        frames: [
          {
            ...{ frame, peer: this.code, direction: "answers-in", at },
            signedBy: { node: this.code, publicKey: party.publicKeyOf(entry, frame.keyId) },
          },
        ],
      });
      return kept;
    };
    for (const [place, line] of frame.lines.entries()) {
      const answer = readAnswer(line);
      const call = answer && this.#pending.get(`${answer.frame}/${answer.place}`);
      if (answer === undefined || call?.place === undefined) continue; // nobody waits for it any more
      // There is one text for one value: another one is of another call, or no canonical base64url.
      if (call.leaf === undefined || answer.of !== toBase64url(call.leaf)) {
        this.counts.broken += 1;
        continue;
      }
      this.counts.answered += 1;
      const { outcome, subjects } = answer;
      this.#finish(call, {
        ...{ kind: "answered", outcome, subjects, keepFrame },
        place: call.place,
        answer: { frame: frame.id, place },
      });
    }
  }

  #finish(call: Pending, asked: Asked): void {
    if (call.isOver) return;
    call.isOver = true;
    if (call.place !== undefined) this.#pending.delete(`${call.place.frame}/${call.place.place}`);
    if (asked.kind === "unanswered") this.counts.unanswered += 1;
    if (asked.kind === "unsent") this.counts.unsent += 1;
    this.#queue.done(call.turn);
    call.resolve(asked);
    if (this.#queue.waiting > 0) this.#send();
  }

  /** Our own certificate was withdrawn: what was asked under it is not answered any more, which nobody needs to wait for. */
  #abandon(why: string): void {
    this.#options.party.onFault(new Fault("ERR_EXCHANGE_REFUSED", { message: `${this.code}: ${why}` }));
    for (const call of [...this.#pending.values()]) {
      if (call.place !== undefined) this.#finish(call, { kind: "unanswered", place: call.place });
    }
  }

  /** Ends the waiting of those whose time is up; asks for another stream where this one has fallen silent. */
  #look(): void {
    const now = performance.now();
    // They left in the order of their turns, which is not that in which their time is up.
    for (const call of this.#pending.values()) {
      if (call.until > now || call.place === undefined) continue;
      this.#finish(call, { kind: "unanswered", place: call.place });
    }
    if (this.#stream !== undefined && now - this.#lastHeard > SILENCE_MAX_MS) this.#stream.destroy();
    if (this.#pending.size === 0 && this.#queue.waiting === 0 && this.#queue.active === 0) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    } else if (this.#pending.size > 0) {
      this.#listen();
    }
  }

  /** Ends connections to a certificate that does not count any more. */
  recheck(): void {
    if (this.#shown !== undefined && !this.#isTheirs(this.#shown)) this.renew();
  }

  /** Ends connections whose certificate is not the peer's any more: the directory has changed. */
  renew(): void {
    this.#frames.destroy();
    this.#answers.destroy();
    this.#stream?.destroy();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#watch);
    for (const call of this.#queue.drain()) call.resolve({ kind: "unsent", why: "stopped" });
    this.#pauses.end();
    for (const call of [...this.#pending.values()]) {
      if (call.place !== undefined) this.#finish(call, { kind: "unanswered", place: call.place });
    }
    this.renew();
  }
}

const WORD_MAX_BYTES = 4_096;

/** What the other side says of a frame: nothing when it took it, else a word of a closed list. */
async function readWord(response: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > WORD_MAX_BYTES) break;
      parts.push(part);
    }
  } catch {
    return "lost";
  }
  if (response.statusCode === 204) return undefined;
  const [, word] = /"problem":"([a-z-]{1,30})"/.exec(Buffer.concat(parts).toString("latin1")) ?? [];
  return word ?? `status-${response.statusCode}`;
}
