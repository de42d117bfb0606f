import type { ServerResponse } from "node:http";
import { gathering } from "../gathering.ts";
import type { KeptCall } from "../journal.ts";
import {
  FRAME_ENOUGH_BYTES,
  FRAME_MAX_BYTES,
  FRAME_MAX_MESSAGES,
  HEARTBEAT_MS,
  LINK_WAITING_MAX,
  PRESENT_MS,
  SILENCE_MAX_MS,
} from "../limits.ts";
import { type Turn, Turns } from "../turns.ts";
import { costOf } from "../whose-turn.ts";

/** One answer, ready to leave. */
export interface ReadyAnswer {
  readonly frame: string;
  readonly place: number;
  /** The frame's row is on disk when it resolves: no answer leaves before. The same function for all calls of a frame. */
  readonly keepFrame: () => Promise<void>;
  readonly line: Uint8Array;
  /** Whose call it answers. */
  readonly turn: Turn;
  /** The call's entry, where it is not in the ledger yet: it commits before the answer leaves. */
  readonly kept: KeptCall | undefined;
  /** What it counts for until it is gone. */
  readonly heldBytes: number;
}

export interface LinkOptions {
  /** Signs answers and writes them down; gives the bytes that leave. */
  readonly pack: (answers: readonly ReadyAnswer[]) => Promise<Uint8Array>;
  /** Answers that nobody came for are on the record all the same. */
  readonly enter: (answers: readonly ReadyAnswer[]) => Promise<void>;
  /** Told of answers that have left, or never will: so many bytes are held no more. */
  readonly gone: (heldBytes: number) => void;
  readonly onFault: (error: unknown) => void;
}

const READY = { waiting: LINK_WAITING_MAX, active: LINK_WAITING_MAX };

/**
 * The way back to one process of a peer: a response that stays open and gives answers in frames, as they become ready, of each client in
 * its turn. A frame closes when the one before it is away. Where the stream breaks, what was not sent waits for the next one.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #ready = new Turns<ReadyAnswer>({
    ...{ whole: READY, levels: [READY, READY], presentMs: PRESENT_MS },
    nowMs: () => performance.now(),
  });
  /** Its turn came when the frame was full: it is the first of the next one. */
  #first: ReadyAnswer | undefined;
  /** Signed and on the record, and not away yet: it goes first, on whatever stream there is then. */
  #packed: { readonly bytes: Uint8Array; readonly answers: readonly ReadyAnswer[] } | undefined;
  #stream: ServerResponse | undefined;
  #isTheirs: () => boolean = () => false;
  #isSending = false;
  #isClosed = false;
  #heartbeat: NodeJS.Timeout | undefined;
  /** When its last stream ended; undefined while it has one. */
  idleSince: number | undefined = performance.now();

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#ready.waiting + (this.#first === undefined ? 0 : 1);
  }

  push(answer: ReadyAnswer): void {
    if (this.#isClosed || !this.#ready.offer(answer.turn, answer, costOf(answer.line))) {
      this.#enterAll([answer]);
      return;
    }
    void this.#send();
  }

  /**
   * Takes a response as the way back, in place of the one before.
   * @param isTheirs whether the certificate on that connection is the peer's; asked before each frame
   */
  attach(stream: ServerResponse, isTheirs: () => boolean): void {
    this.#stream?.destroy();
    this.#isTheirs = isTheirs;
    this.#stream = stream;
    this.idleSince = undefined;
    stream.on("close", () => {
      if (this.#stream !== stream) return;
      this.#stream = undefined;
      this.idleSince = performance.now();
      clearInterval(this.#heartbeat);
    });
    clearInterval(this.#heartbeat);
    // An empty line before a message is allowed (RFC 9112 §2.2): it says that we are there.
    this.#heartbeat = setInterval(() => stream.write("\r\n"), HEARTBEAT_MS).unref();
    void this.#send();
  }

  /** Lets its stream go where the certificate on it is not the peer's any more; what waits is for one that is. */
  recheck(): void {
    if (this.#stream !== undefined && !this.#isTheirs()) this.#stream.destroy();
  }

  /** Nobody comes for what waits. */
  close(): void {
    this.#isClosed = true;
    this.#stream?.destroy();
    clearInterval(this.#heartbeat);
    if (this.#packed !== undefined) this.#gone(this.#packed.answers);
    this.#packed = undefined;
    this.#enterAll([...(this.#first === undefined ? [] : [this.#first]), ...this.#ready.drain()]);
    this.#first = undefined;
  }

  #gone(answers: readonly ReadyAnswer[]): void {
    this.#options.gone(answers.reduce((sum, { heldBytes }) => sum + heldBytes, 0));
  }

  #enterAll(answers: readonly ReadyAnswer[]): void {
    this.#gone(answers);
    if (answers.length > 0) void this.#options.enter(answers).catch(this.#options.onFault);
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#stream !== undefined && !this.#stream.destroyed) {
      const stream = this.#stream;
      if (!this.#isTheirs()) {
        // Its certificate was struck meanwhile: it comes back with another, or not at all.
        stream.destroy();
        break;
      }
      if (this.#packed === undefined) {
        if (this.waiting === 0) break;
        await gathering(() => this.waiting, FRAME_MAX_MESSAGES);
        if (this.waiting > 0) await this.#pack();
        continue; // the stream may have broken meanwhile
      }
      const { bytes, answers } = this.#packed;
      this.#packed = undefined;
      if (!stream.write(bytes)) await drained(stream);
      this.#gone(answers);
    }
    this.#isSending = false;
  }

  async #pack(): Promise<void> {
    const answers = this.#take();
    try {
      const bytes = await this.#options.pack(answers);
      if (this.#isClosed) this.#gone(answers);
      else this.#packed = { bytes, answers };
    } catch (error) {
      // Whoever asked is told nothing, and asks again: what is not on the record does not leave.
      this.#options.onFault(error);
      this.#gone(answers);
    }
  }

  #take(): readonly ReadyAnswer[] {
    const answers: ReadyAnswer[] = [];
    let bytes = 0;
    while (answers.length < FRAME_MAX_MESSAGES && bytes < FRAME_ENOUGH_BYTES) {
      const answer = this.#first ?? this.#ready.take();
      if (answer === undefined) break;
      bytes += answer.line.length + 1;
      if (this.#first === undefined) this.#ready.done(answer.turn);
      this.#first = answers.length > 0 && bytes > FRAME_MAX_BYTES ? answer : undefined;
      if (this.#first !== undefined) break;
      answers.push(answer);
    }
    return answers;
  }
}

/** Whoever does not read his answers is let go. */
function drained(stream: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    // What has closed says so no second time.
    if (stream.closed || stream.destroyed) {
      resolve();
      return;
    }
    const timer = setTimeout(() => stream.destroy(), SILENCE_MAX_MS);
    const finish = () => {
      clearTimeout(timer);
      stream.off("drain", finish);
      stream.off("close", finish);
      resolve();
    };
    stream.once("drain", finish);
    stream.once("close", finish);
  });
}
