import type { IncomingMessage, ServerResponse } from "node:http";
import { doorRefusal } from "#kernel/contract/door-refusals";
import { isRefusal } from "#kernel/contract/refusal";
import { isFault } from "#kernel/errors/fault";
import type { LedgerEntry, LedgerSubject } from "#kernel/ledger/entry";
import type { Arrival } from "#kernel/system/arrival";
import { isUuid } from "#lib/crypto/uuid";
import type { NodeEntry } from "#lib/directory/entries";
import { FairQueue } from "../fair-queue.ts";
import {
  ANSWERS_PATH,
  FRAMES_PATH,
  type FrameProblem,
  type OpenedFrame,
  openFrame,
  signFrame,
} from "../frames/frame.ts";
import { answerLine, type CallMessage, type Outcome, readCall } from "../frames/messages.ts";
import { callBeside, type KeptCall, placeText } from "../journal.ts";
import {
  ANSWER_MAX_BYTES,
  ANSWER_MAX_SUBJECTS,
  CALL_MAX_BYTES,
  CLOCK_TOLERANCE_SECONDS,
  FRAME_LIFETIME_SECONDS,
  FRAME_MAX_BYTES,
  LINK_FORGOTTEN_MS,
  PEER_LINKS_MAX,
  PEER_WAITING_MAX,
  PERFORMING_MAX,
  PERFORMING_OF_PEER_MAX,
} from "../limits.ts";
import type { Mount } from "../listener.ts";
import type { Party } from "../party.ts";
import { readBody } from "../read-body.ts";
import type { Traffic } from "../traffic.ts";
import { believe } from "./belief.ts";
import { Link, type ReadyAnswer } from "./link.ts";
import { RefusedFrames } from "./refused-frames.ts";

export const LINK_FIELD = "zhengtong-link";

/** Why a request is turned away as a whole; the sender is told the word. */
type Turned = FrameProblem | "schema" | "replayed" | "busy" | "encoding" | "too-long" | "too-slow" | "broken" | "link";

const STATUS: Readonly<Record<Turned, number>> = {
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
const ATTEMPTS: ReadonlySet<Turned> = new Set([
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

interface Work {
  readonly from: NodeEntry;
  readonly frame: OpenedFrame;
  readonly place: number;
  readonly message: CallMessage;
  readonly link: Link;
  /** The frame's row: no command begins before it is there, no answer leaves. */
  readonly frameKept: Promise<void>;
  /** By the clock of the process, milliseconds: then nobody waits any more. */
  readonly until: number;
}

/** The side that answers: frames of calls come in, each call goes through the one door, answers leave in frames as they become ready. */
export class Reception implements Mount {
  readonly prefix = "/exchange/";
  readonly #party: Party;
  readonly #traffic: Traffic;
  readonly #links = new Map<string, { readonly peer: string; readonly link: Link }>();
  readonly #queue = new FairQueue<Work>({
    waiting: PEER_WAITING_MAX * 4,
    waitingOfOne: PEER_WAITING_MAX,
    active: PERFORMING_MAX,
    activeOfOne: PERFORMING_OF_PEER_MAX,
  });
  /** Frames of the window, with when they may be forgotten: seconds since 1970. */
  readonly #seen = new Map<string, number>();
  readonly #refused: RefusedFrames;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(party: Party, traffic: Traffic) {
    this.#party = party;
    this.#traffic = traffic;
    this.#refused = new RefusedFrames(party);
  }

  /** Remembers the frames of the window, which were taken before this start. */
  async open(): Promise<void> {
    const { kernel } = this.#party;
    const windowSeconds = FRAME_LIFETIME_SECONDS + 2 * CLOCK_TOLERANCE_SECONDS;
    const rows = await kernel.database.query<{ readonly id: string }>(
      "SELECT id FROM exchange.frame WHERE kind = 'calls-in' AND at > $1::timestamptz - make_interval(secs => $2)",
      [kernel.now(), windowSeconds],
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
    if (this.#seen.has(frame.id)) return "replayed";
    const messages = frame.lines.map((line) => (line.length > CALL_MAX_BYTES ? undefined : readCall(line)));
    if (messages.includes(undefined)) return "schema";
    const link = this.#link(linkId, from.code);
    if (link === undefined) return "link";
    if (this.#queue.waitingOf(from.code) + messages.length > PEER_WAITING_MAX) return "busy";
    this.#remember(frame.id);
    const frameKept = this.#party.journal.keep({
      frames: [
        {
          ...{ frame, peer: from.code, direction: "calls-in", at: kernel.now() },
          signedBy: { node: from.code, publicKey: this.#party.publicKeyOf(from, frame.keyId) },
        },
      ],
    });
    frameKept.catch(() => undefined); // seen where it is awaited
    if ((messages as readonly CallMessage[]).some((message) => this.#isCommand(message))) {
      // What acts must not act twice, whatever happens to this process: the frame is known before anything begins.
      const problem = await frameKept.then(
        () => undefined,
        (error: unknown) => (isFault(error, "ERR_DATABASE_UNIQUE") ? ("replayed" as const) : Promise.reject(error)),
      );
      if (problem !== undefined) return problem;
    }
    const now = performance.now();
    for (const [place, message] of (messages as readonly CallMessage[]).entries()) {
      const work: Work = { from, frame, place, message, link, frameKept, until: now + message.withinMs };
      this.#queue.offer(from.code, work);
    }
    this.#work();
    return undefined;
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
      enter: (calls) => this.#party.journal.keep({ calls }),
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
          this.#queue.done(work.from.code);
          this.#work();
        });
    }
  }

  async #answer(work: Work): Promise<void> {
    if (performance.now() > work.until) return;
    const { from, frame, place, link } = work;
    const beganMs = performance.now();
    const done = await this.#perform(work);
    const { room, operation } = work.message;
    const ended = { value: "answered", refusal: "refused", failed: "failed" } as const;
    this.#traffic.note({
      ...{ peer: from.code, direction: "in", room, operation },
      ...{ ended: ended[done.outcome.kind], ms: performance.now() - beganMs },
    });
    try {
      await work.frameKept;
    } catch (error) {
      this.#party.onFault(error);
      return;
    }
    const about = { frame: frame.id, place, leaf: frame.leaves[place] as Uint8Array };
    let line = answerLine({ ...about, outcome: done.outcome, subjects: done.subjects });
    if (line.length > ANSWER_MAX_BYTES || done.subjects.length > ANSWER_MAX_SUBJECTS) {
      this.#refused.count(from.code, "too-long", false);
      line = answerLine({ ...about, outcome: { kind: "failed" }, subjects: [] });
    }
    link.push({ frame: frame.id, place, line, kept: done.kept });
  }

  async #perform(work: Work): Promise<{
    readonly outcome: Outcome;
    readonly subjects: readonly LedgerSubject[];
    readonly kept: KeptCall | undefined;
  }> {
    const { kernel } = this.#party;
    const { message, from, frame, place } = work;
    const place_ = { act: message.act, frame: frame.id, place };
    const detail = { exchange: { from: from.code, call: placeText(frame.id, place) } };
    let entry: LedgerEntry | undefined;
    let subjects: readonly LedgerSubject[] = [];
    const kept = () => entry && { ...place_, entry };
    const arrival: Arrival = {
      detail,
      beside: [callBeside(place_)],
      enter: async (entered) => {
        entry = entered;
      },
      noted: (noted) => {
        subjects = noted;
      },
    };
    const view = this.#party.view();
    const act =
      view === undefined
        ? ("no-directory" as const)
        : believe(message, {
            ...{ view, from, systems: kernel.systems, zone: kernel.zone, at: kernel.now() },
          });
    if (typeof act === "string") {
      const refusal = doorRefusal(message.room, "denied");
      entry = { ...this.#bareEntry(work), type: "refused", outcome: "denied", detail: { ...detail, why: act } };
      return { outcome: { kind: "refusal", refusal }, subjects, kept: kept() };
    }
    const contract = kernel.systems.get(message.room)?.contract;
    const major = contract && Number(contract.version.split(".")[0]);
    const unknown = contract?.operations[message.operation] === undefined;
    if (unknown || (message.major !== undefined && message.major !== major)) {
      const refusal = doorRefusal(message.room, "unavailable");
      entry = { ...this.#bareEntry(work), outcome: "unavailable", detail };
      return { outcome: { kind: "refusal", refusal }, subjects, kept: kept() };
    }
    try {
      const value = await kernel.perform(act, message as { room: string; operation: string; input: unknown }, arrival);
      const outcome: Outcome = isRefusal(value) ? { kind: "refusal", refusal: value } : { kind: "value", value };
      entry ??= this.#passed(value) ? { ...this.#bareEntry(work), outcome: "unavailable", detail } : undefined;
      return { outcome, subjects, kept: kept() };
    } catch (error) {
      this.#party.onFault(error);
      entry ??= { ...this.#bareEntry(work), outcome: "failed", detail };
      return { outcome: { kind: "failed" }, subjects, kept: kept() };
    }
  }

  /** Turned away before the door, because another node keeps the room: the door has entered nothing. */
  #passed(value: unknown): boolean {
    return isRefusal(value) && value.code === "unavailable";
  }

  /** What is told of a call that did not come to a door: nothing of it is believed but who sent it. */
  #bareEntry({ message, from }: Work): LedgerEntry {
    return {
      type: "exchange",
      at: this.#party.kernel.now(),
      actId: message.act,
      room: message.room,
      operation: message.operation,
      actor: { kind: "node", id: from.code },
      origin: { node: from.code, client: message.client },
      purpose: message.purpose ?? "none",
      legalBasis: [],
      subjects: [],
      outcome: "refused",
    };
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
    await journal.keep({
      frames: [
        {
          frame,
          peer,
          direction: "answers-out",
          at,
          signedBy: { node: self, publicKey: ours.publicKey },
          ...(hasCommands && { answers: places }),
        },
      ],
      calls: answers.flatMap(({ kept }, place) => (kept ? [{ ...kept, answer: { frame: frame.id, place } }] : [])),
    });
    const head = Object.entries({ ...frame.fields, "content-length": String(frame.body.length) })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n`, "latin1"), frame.body]);
  }

  #remember(frame: string): void {
    const windowSeconds = FRAME_LIFETIME_SECONDS + 2 * CLOCK_TOLERANCE_SECONDS;
    this.#seen.set(frame, performance.now() / 1000 + windowSeconds);
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

  /** For an operator: what was refused, by node and reason. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refused.counts;
  }
}
