import type { IncomingMessage, ServerResponse } from "node:http";
import { isFault } from "#kernel/errors/fault";
import { isUuid, timeOfUuidV7, uuidV7Bound } from "#lib/crypto/uuid";
import type { NodeEntry } from "#lib/directory/entries";
import { ANSWERS_PATH, FRAMES_PATH, type OpenedFrame, openFrame, signFrame } from "../frames/frame.ts";
import { answerLine, type CallMessage, readCall } from "../frames/messages.ts";
import type { KeptFrame } from "../journal.ts";
import {
  ANSWER_MAX_BYTES,
  ANSWER_MAX_SUBJECTS,
  CALL_MAX_BYTES,
  CLOCK_TOLERANCE_SECONDS,
  FRAME_KEPT_WITHIN_MS,
  FRAME_LIFETIME_SECONDS,
  FRAME_MAX_BYTES,
  LINK_FORGOTTEN_MS,
  PEER_LINKS_MAX,
  PEER_WAITING_MAX,
  PERFORMING_MAX,
  PERFORMING_OF_CLIENT_BESIDE_MAX,
  PERFORMING_OF_CLIENT_MAX,
  PERFORMING_OF_PEER_MAX,
  PRESENT_MS,
  WAITING_MAX,
} from "../limits.ts";
import type { Mount } from "../listener.ts";
import type { Party } from "../party.ts";
import { readBody } from "../read-body.ts";
import type { Traffic } from "../traffic.ts";
import { type Turn, Turns } from "../turns.ts";
import { costOf, turnOf } from "../whose-turn.ts";
import { Held } from "./held.ts";
import { keptSoon } from "./kept-soon.ts";
import { Link, type ReadyAnswer } from "./link.ts";
import { performCall, type ReceivedCall } from "./perform-call.ts";
import { RefusedFrames } from "./refused-frames.ts";
import { ATTEMPTS, STATUS, type Turned } from "./turned-away.ts";

export const LINK_FIELD = "zhengtong-link";
/** How long a frame could be sent again. */
const WINDOW_SECONDS = FRAME_LIFETIME_SECONDS + 2 * CLOCK_TOLERANCE_SECONDS;

interface Work extends ReceivedCall {
  readonly turn: Turn;
  readonly link: Link;
  /** Keeps the frame's row: no command begins before it is there, no answer leaves. */
  readonly keepFrame: () => Promise<void>;
  /** By the clock of the process, milliseconds: then nobody waits any more. */
  readonly until: number;
  /** Told once, when it needs its frame no more. */
  readonly over: () => void;
}

/** The side that answers: frames of calls come in, each call goes through the one door, answers leave in frames as they become ready. */
export class Reception implements Mount {
  readonly prefix = "/exchange/";
  readonly #party: Party;
  readonly #traffic: Traffic;
  readonly #links = new Map<string, { readonly peer: string; readonly link: Link }>();
  readonly #queue = new Turns<Work>({
    whole: { waiting: WAITING_MAX, active: PERFORMING_MAX },
    levels: [
      { waiting: PEER_WAITING_MAX, active: PERFORMING_OF_PEER_MAX },
      {
        ...{ waiting: PEER_WAITING_MAX, active: PERFORMING_OF_CLIENT_MAX },
        activeBeside: PERFORMING_OF_CLIENT_BESIDE_MAX,
      },
      { waiting: PEER_WAITING_MAX, active: PERFORMING_OF_CLIENT_MAX },
    ],
    presentMs: PRESENT_MS,
    nowMs: () => performance.now(),
  });
  /** Frames of the window, with when they may be forgotten: seconds since 1970. */
  readonly #seen = new Map<string, number>();
  readonly #refused: RefusedFrames;
  readonly #held = new Held();
  #sweeping: NodeJS.Timeout | undefined;

  constructor(party: Party, traffic: Traffic) {
    this.#party = party;
    this.#traffic = traffic;
    this.#refused = new RefusedFrames(party);
  }

  /** Remembers the frames of the window, which were taken before this start. */
  async open(): Promise<void> {
    const { kernel } = this.#party;
    const nowMs = Date.parse(kernel.now());
    const rows = await kernel.database.query<{ readonly id: string }>(
      "SELECT id FROM exchange.frame WHERE id BETWEEN $1 AND $2 AND kind = 'calls-in'",
      [uuidV7Bound(nowMs - WINDOW_SECONDS * 1_000, "0"), uuidV7Bound(nowMs + WINDOW_SECONDS * 1_000, "f")],
    );
    for (const { id } of rows) this.#remember(id);
    this.#sweeping = setInterval(() => this.#sweep(), LINK_FORGOTTEN_MS / 4).unref();
  }

  close(): void {
    clearInterval(this.#sweeping);
    for (const { link } of this.#links.values()) link.close();
    this.#links.clear();
    this.#queue.drain();
  }

  admits(fingerprint: string): boolean {
    return this.#party.peerOf(fingerprint) !== undefined;
  }

  handle(request: IncomingMessage, response: ServerResponse, fingerprint: string): void {
    const from = this.#party.peerOf(fingerprint);
    const link = request.headers[LINK_FIELD];
    const path = request.url?.split("?", 1)[0];
    const turnAway = (why: Turned) => {
      this.#turnAway(request, response, { why, peer: from?.code ?? "" });
    };
    if (from === undefined) {
      turnAway("addressee");
      return;
    }
    if (typeof link !== "string" || !isUuid(link)) {
      turnAway("link");
      return;
    }
    if (request.method === "GET" && path === ANSWERS_PATH) {
      const found = this.#link(link, from.code);
      if (found === undefined) {
        turnAway("link");
        return;
      }
      response.writeHead(200, { "content-type": "application/http; msgtype=response", "cache-control": "no-store" });
      response.flushHeaders();
      found.attach(response, () => this.#party.peerOf(fingerprint)?.code === from.code);
      return;
    }
    if (request.method !== "POST" || path !== FRAMES_PATH) {
      response.writeHead(404).end();
      return;
    }
    void this.#take(request, from, link).then(
      (why) => (why === undefined ? void response.writeHead(204).end() : turnAway(why)),
      (error: unknown) => {
        this.#party.onFault(error);
        response.writeHead(500).end();
      },
    );
  }

  #turnAway(request: IncomingMessage, response: ServerResponse, about: { why: Turned; peer: string }): void {
    const { why, peer } = about;
    this.#refused.count(peer, why, ATTEMPTS.has(why));
    const body = JSON.stringify({ problem: why, at: this.#party.kernel.now() });
    response.writeHead(STATUS[why], {
      "content-type": "application/problem+json",
      ...(!request.complete && { connection: "close" }),
    });
    response.end(body);
  }

  /** @returns why the frame is refused; undefined when it was taken */
  async #take(request: IncomingMessage, from: NodeEntry, linkId: string): Promise<Turned | undefined> {
    const { kernel } = this.#party;
    // Nothing is unpacked: a small body cannot become a large one.
    if (request.headers["content-encoding"] !== undefined) return "encoding";
    const body = await readBody(request, FRAME_MAX_BYTES);
    if (typeof body === "string") return body;
    const frame = openFrame(
      { fields: request.headers, body },
      {
        kind: "calls",
        from: from.code,
        to: this.#party.self,
        nowSeconds: Date.parse(kernel.now()) / 1000,
        keyOf: (keyId) => this.#party.keyOf(from, keyId),
      },
    );
    if (typeof frame === "string") return frame;
    const numberedMs = timeOfUuidV7(frame.id) ?? Number.NaN;
    // Numbers are of their time: those of the window are found again after a restart.
    if (!(Math.abs(numberedMs - Date.parse(kernel.now())) <= WINDOW_SECONDS * 1_000)) return "frame";
    if (this.#seen.has(frame.id)) return "replayed";
    const messages = frame.lines.map((line) => (line.length > CALL_MAX_BYTES ? undefined : readCall(line)));
    if (messages.includes(undefined)) return "schema";
    const link = this.#link(linkId, from.code);
    if (link === undefined) return "link";
    if (this.#queue.waitingOf([from.code]) + messages.length > PEER_WAITING_MAX) return "busy";
    if (this.#queue.waiting + messages.length > WAITING_MAX || !this.#held.take(from.code, body.length)) return "busy";
    this.#remember(frame.id);
    const over = afterAll(messages.length, () => this.#held.release(from.code, body.length));
    const keepFrame = this.#keeping(frame, from);
    if ((messages as readonly CallMessage[]).some((message) => this.#isCommand(message))) {
      // What acts must not act twice, whatever happens to this process: the frame is known before anything begins.
      const problem = await keepFrame().then(
        () => undefined,
        (error: unknown) => {
          this.#held.release(from.code, body.length);
          return isFault(error, "ERR_DATABASE_UNIQUE") ? ("replayed" as const) : Promise.reject(error);
        },
      );
      if (problem !== undefined) return problem;
    }
    const now = performance.now();
    for (const [place, message] of (messages as readonly CallMessage[]).entries()) {
      const turn = [from.code, ...turnOf(message)];
      const work: Work = { from, frame, place, message, link, keepFrame, turn, until: now + message.withinMs, over };
      if (this.#queue.offer(turn, work, costOf(frame.lines[place] as Uint8Array))) continue;
      // Others came while the frame was written down: whoever asked gives up in his time, as of a call that is lost.
      this.#refused.count(from.code, "busy", false);
      over();
    }
    this.#work();
    return undefined;
  }

  /** Its row goes with the first of its answers: what only asks has nothing on the record that nobody was told. */
  #keeping(frame: OpenedFrame, from: NodeEntry): () => Promise<void> {
    const { kernel, journal, onFault } = this.#party;
    const publicKey = this.#party.publicKeyOf(from, frame.keyId);
    const row: KeptFrame = {
      ...{ frame, peer: from.code, direction: "calls-in", at: kernel.now() },
      signedBy: { node: from.code, publicKey },
    };
    return keptSoon(() => journal.keep({ frames: [row] }), { withinMs: FRAME_KEPT_WITHIN_MS, onFault });
  }

  #isCommand({ room, operation }: CallMessage): boolean {
    return this.#party.kernel.systems.get(room)?.contract.operations[operation]?.kind === "command";
  }

  #link(id: string, peer: string): Link | undefined {
    const known = this.#links.get(id);
    // A link is its peer's own: whoever learnt another's name for one gets nothing by it.
    if (known !== undefined) return known.peer === peer ? known.link : undefined;
    let links = 0;
    for (const one of this.#links.values()) if (one.peer === peer) links += 1;
    if (links >= PEER_LINKS_MAX) return undefined;
    const link = new Link({
      pack: (answers) => this.#pack(answers, peer),
      enter: (answers) => this.#enter(answers),
      gone: (bytes) => this.#held.release(peer, bytes),
      onFault: this.#party.onFault,
    });
    this.#links.set(id, { peer, link });
    return link;
  }

  #work(): void {
    for (;;) {
      const work = this.#queue.take();
      if (work === undefined) return;
      void this.#answer(work)
        .catch(this.#party.onFault)
        .finally(() => {
          this.#queue.done(work.turn);
          work.over();
          this.#work();
        });
    }
  }

  async #answer(work: Work): Promise<void> {
    if (performance.now() > work.until) return;
    const { from, frame, place, link } = work;
    const beganMs = performance.now();
    const done = await performCall(this.#party, work);
    const { room, operation } = work.message;
    const ended = { value: "answered", refusal: "refused", failed: "failed" } as const;
    this.#traffic.note({
      ...{ peer: from.code, direction: "in", room, operation },
      ...{ ended: ended[done.outcome.kind], ms: performance.now() - beganMs },
    });
    const about = { frame: frame.id, place, leaf: frame.leaves[place] as Uint8Array };
    let line = answerLine({ ...about, outcome: done.outcome, subjects: done.subjects });
    const isTooLong = line.length > ANSWER_MAX_BYTES || done.subjects.length > ANSWER_MAX_SUBJECTS;
    const isHeld = !isTooLong && this.#held.take(from.code, line.length);
    if (!isHeld) {
      this.#refused.count(from.code, isTooLong ? "too-long" : "unfetched", false);
      line = answerLine({ ...about, outcome: { kind: "failed" }, subjects: [] });
    }
    const turn = work.turn.slice(1);
    const heldBytes = isHeld ? line.length : 0;
    link.push({ frame: frame.id, place, keepFrame: work.keepFrame, line, turn, kept: done.kept, heldBytes });
  }

  async #pack(answers: readonly ReadyAnswer[], peer: string): Promise<Uint8Array> {
    const { kernel, signer, self, journal } = this.#party;
    const at = kernel.now();
    const ours = await signer();
    const frame = await signFrame(
      {
        kind: "answers",
        id: kernel.newId(),
        from: self,
        to: peer,
        lines: answers.map(({ line }) => line),
        nowSeconds: Math.floor(Date.parse(at) / 1000),
      },
      ours,
    );
    // A command's row committed with its act, before there was this frame: which answers it holds is kept beside it.
    const hasCommands = answers.some(({ kept }) => kept === undefined);
    const places = answers.map(({ frame: id, place }) => ({ frame: id, place }));
    const row: KeptFrame = {
      ...{ frame, peer, direction: "answers-out", at, signedBy: { node: self, publicKey: ours.publicKey } },
      ...(hasCommands && { answers: places }),
    };
    await Promise.all([
      ...framesKept(answers),
      journal.keep({
        frames: [row],
        calls: answers.flatMap(({ kept }, place) => (kept ? [{ ...kept, answer: { frame: frame.id, place } }] : [])),
      }),
    ]);
    const head = Object.entries({ ...frame.fields, "content-length": String(frame.body.length) })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n`, "latin1"), frame.body]);
  }

  /** Nobody comes for these answers: what was done is on the record all the same. */
  async #enter(answers: readonly ReadyAnswer[]): Promise<void> {
    const calls = answers.flatMap(({ kept }) => (kept === undefined ? [] : [kept]));
    await Promise.all([...framesKept(answers), ...(calls.length === 0 ? [] : [this.#party.journal.keep({ calls })])]);
  }

  #remember(frame: string): void {
    this.#seen.set(frame, performance.now() / 1000 + WINDOW_SECONDS);
  }

  #sweep(): void {
    const now = performance.now();
    for (const [id, until] of this.#seen) {
      if (until > now / 1000) break; // in the order in which they came
      this.#seen.delete(id);
    }
    for (const [id, { link }] of this.#links) {
      if (link.idleSince === undefined || now - link.idleSince < LINK_FORGOTTEN_MS) continue;
      link.close();
      this.#links.delete(id);
    }
  }

  /** On the record: a peer whose certificate was withdrawn came with it all the same. */
  refuse(peer: string, why: string): void {
    this.#refused.count(peer, why, true);
  }

  /** Ends the streams of those whose certificates do not count any more. */
  recheck(): void {
    for (const { link } of this.#links.values()) link.recheck();
  }

  /** For an operator: what was refused, by node and reason. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refused.counts;
  }
}

/** Something to be told so many times, which then does what is to be done once. */
function afterAll(times: number, then: () => void): () => void {
  let left = times;
  return () => {
    left -= 1;
    if (left === 0) then();
  };
}

/** The frames whose calls these answers answer. */
function framesKept(answers: readonly ReadyAnswer[]): readonly Promise<void>[] {
  return [...new Set(answers.map(({ keepFrame }) => keepFrame))].map((keep) => keep());
}
