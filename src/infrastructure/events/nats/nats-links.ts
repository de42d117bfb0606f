import {
  AckPolicy,
  type ConsumerMessages,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { connect, headers, type Msg, type MsgHdrs, type NatsConnection, nanos } from "@nats-io/transport-node";
import { doorRefusal } from "#kernel/contract/door-refusals";
import { isRefusal, Refusal } from "#kernel/contract/refusal";
import type { MessageSigner } from "#kernel/ports";
import type { Kernel } from "#kernel/system/kernel";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import type { NodeEntry } from "#lib/directory/entries";
import type { Handing, NodeLinks } from "../between-nodes.ts";
import { isSignedBy, type MessageHead, type MessageKind, type SignedMessage, signMessage } from "./signed-message.ts";

export interface NatsOptions {
  /** `nats://host:port`, `tls://…`; several behind each other, with commas. */
  readonly url: string;
  readonly kernel: Kernel;
  readonly self: string;
  readonly above: NodeLinks["above"];
  /** A node of the directory with which this one may talk. */
  readonly peer: (code: string) => NodeEntry | undefined;
  readonly signer: MessageSigner;
  readonly onFault: (fault: unknown) => void;
  readonly answerTimeoutMs?: number;
}

/** How long the next node may take to say that it has something on its disk. */
const ANSWER_TIMEOUT_MS = 10_000;
/** A message that nobody answered comes again after so long. */
const ACK_WAIT_MS = 30_000;
/** After a fault of this node a message is tried again. */
const FAULT_DELAY_MS = 1_000;
/** What waits for a node that is away; its sender has it as well. */
const STREAM_AGE_DAYS = 7;
const STREAM_MAX_BYTES = 1024 * 1024 * 1024;
const DUPLICATE_WINDOW_MS = 120_000;
const MAX_REMEMBERED = 10_000;
const CONSUMER = "events";
/** What the client calls it when no stream takes a subject. */
const NOBODY_THERE = "JetStreamNotEnabled";
const DAY_MS = 86_400_000;

const subjectOf = (code: string) => `zhengtong.events.${code}`;
const streamOf = (code: string) => `ZHENGTONG_EVENTS_${code.toUpperCase()}`;

/**
 * Links through NATS JetStream: a stream for each node, out of which it takes what is handed to it, and answers when that is safe in its
 * own database. Until then its sender keeps it, so nothing rests on the disk of a NATS server alone.
 */
export class NatsLinks implements NodeLinks {
  readonly self: string;
  readonly above: NodeLinks["above"];
  readonly sign: NodeLinks["sign"];
  readonly #options: NatsOptions;
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #client: JetStreamClient;
  readonly #answers: string;
  readonly #waiting = new Map<string, (answer: unknown) => void>();
  /** Where in the stream of its node, on which server, a message lies. */
  readonly #published = new Map<string, { readonly seq: number; readonly domain: string | undefined }>();
  #messages: ConsumerMessages | undefined;
  #taking: Promise<void> | undefined;

  private constructor(options: NatsOptions, connection: NatsConnection, manager: JetStreamManager) {
    this.self = options.self;
    this.above = options.above;
    this.sign = options.kernel.elsewhere?.proofs?.sign;
    this.#options = options;
    this.#connection = connection;
    this.#manager = manager;
    this.#client = jetstream(connection);
    this.#answers = `zhengtong.answers.${options.self}.${options.kernel.newId()}`;
  }

  static async open(options: NatsOptions): Promise<NatsLinks> {
    const connection = await connect({
      servers: options.url.split(","),
      name: `zhengtong ${options.self}`,
      maxReconnectAttempts: -1,
    });
    try {
      const links = new NatsLinks(options, connection, await jetstreamManager(connection));
      await links.#begin();
      return links;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Ends the message under way; what waits in the stream is taken after the next start. */
  async close(): Promise<void> {
    await this.#messages?.close();
    await this.#taking;
    await this.#connection.drain();
  }

  async hand(hop: string, handing: Handing): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const away = () => resolve(doorRefusal("events", "unavailable"));
    const timer = setTimeout(away, this.#options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS);
    const waiting = `${hop} ${handing.key}`;
    this.#waiting.set(waiting, resolve);
    try {
      // Where the server is away, putting it there takes longer than whoever waits for the answer should.
      this.#put(hop, handing, waiting).catch((error: unknown) => {
        // Nobody there has its stream: the way is cut, or its node never was there.
        if ((error as Error).name !== NOBODY_THERE) this.#options.onFault(error);
        away();
      });
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
    }
  }

  async #put(hop: string, { key, operation, input }: Handing, waiting: string): Promise<void> {
    if (await this.#lies(hop, waiting)) return;
    const body = utf8(JSON.stringify(input));
    const head: MessageHead = { kind: "handing", from: this.self, to: hop, operation, key };
    const fields = await this.#fields(head, body, this.#answers);
    const { seq, domain } = await this.#client.publish(subjectOf(hop), body, { headers: fields });
    if (this.#published.size >= MAX_REMEMBERED) this.#published.clear();
    this.#published.set(waiting, { seq, domain });
  }

  /** Whether what was handed before lies there still, its node being away: then it is waited for, not put there again. */
  async #lies(hop: string, waiting: string): Promise<boolean> {
    const put = this.#published.get(waiting);
    if (put === undefined) return false;
    try {
      const manager =
        put.domain === undefined
          ? this.#manager
          : await jetstreamManager(this.#connection, { domain: put.domain, checkAPI: false });
      return (await manager.streams.getMessage(streamOf(hop), { seq: put.seq })) !== null;
    } catch {
      // Its server cannot be asked, or has lost it: what comes twice is known by its key.
      return false;
    }
  }

  async #begin(): Promise<void> {
    await this.#makeStream();
    const stream = streamOf(this.self);
    await this.#manager.consumers.add(stream, {
      durable_name: CONSUMER,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT_MS),
      // One after the other: so parcels keep their order.
      max_ack_pending: 1,
    });
    this.#connection.subscribe(this.#answers, {
      callback: (error, message) => {
        if (error) this.#options.onFault(error);
        else this.#answered(message);
      },
    });
    const consumer = await this.#client.consumers.get(stream, CONSUMER);
    this.#messages = await consumer.consume({ max_messages: 1 });
    this.#taking = this.#take(this.#messages);
  }

  /** Each node makes its own, on its own server: another's is reached through the servers between, or not at all. */
  async #makeStream(): Promise<void> {
    await this.#manager.streams.add({
      name: streamOf(this.self),
      subjects: [subjectOf(this.self)],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.File,
      max_age: nanos(STREAM_AGE_DAYS * DAY_MS),
      max_bytes: STREAM_MAX_BYTES,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    });
  }

  async #take(messages: ConsumerMessages): Promise<void> {
    for await (const message of messages) {
      try {
        await this.#handed(message);
        message.ack();
      } catch (error) {
        this.#options.onFault(error);
        message.nak(FAULT_DELAY_MS);
      }
    }
  }

  /** What nobody of the directory signed, or is for another, is dropped: its sender hears nothing, and keeps it. */
  async #handed(message: JsMsg): Promise<void> {
    const opened = this.#open("handing", message.headers, message.data);
    if (opened === undefined) return;
    const { kernel } = this.#options;
    const { from, operation, key } = opened.head;
    const node = this.#options.peer(from);
    const outcome = await kernel.perform(
      {
        id: kernel.newId(),
        principal: { kind: "node", room: "events" },
        origin: { node: from, ...(node && { division: node.division }) },
        purpose: "administration",
        legalBasis: [],
        zone: kernel.zone,
        language: "zh",
        at: kernel.now(),
        idempotencyKey: `${from} ${key}`,
      },
      { room: "events", operation, input: JSON.parse(fromUtf8(opened.body)) },
    );
    const answer = utf8(JSON.stringify(isRefusal(outcome) ? { refusal: outcome } : { value: outcome }));
    const head: MessageHead = { kind: "answer", from: this.self, to: from, operation, key };
    const reply = message.headers?.get("zt-answers") ?? "";
    if (ANSWERS.test(reply)) this.#connection.publish(reply, answer, { headers: await this.#fields(head, answer) });
  }

  #answered(message: Msg): void {
    const opened = this.#open("answer", message.headers, message.data);
    if (opened === undefined) return;
    const { value, refusal } = JSON.parse(fromUtf8(opened.body)) as {
      readonly value?: unknown;
      readonly refusal?: { readonly refusal: string; readonly room: string; readonly text: Refusal["text"] };
    };
    const answer = refusal ? new Refusal({ ...refusal, code: refusal.refusal }) : value;
    this.#waiting.get(`${opened.head.from} ${opened.head.key}`)?.(answer);
  }

  async #fields(head: MessageHead, body: Uint8Array, answers?: string): Promise<MsgHdrs> {
    const { signer } = this.#options;
    const fields = headers();
    fields.set("zt-from", head.from);
    fields.set("zt-to", head.to);
    fields.set("zt-operation", head.operation);
    fields.set("zt-key", head.key);
    fields.set("zt-key-id", signer.id);
    fields.set("zt-signature", toBase64(await signMessage(signer, head, body)));
    if (answers !== undefined) fields.set("zt-answers", answers);
    return fields;
  }

  #open(kind: MessageKind, fields: MsgHdrs | undefined, body: Uint8Array): SignedMessage | undefined {
    const of = (name: string) => fields?.get(`zt-${name}`) ?? "";
    const head = { kind, from: of("from"), to: of("to"), operation: of("operation"), key: of("key") };
    const signature = fromBase64(of("signature"));
    const node = this.#options.peer(head.from);
    const isOurs = head.to === this.self && OPERATIONS.has(head.operation) && KEY.test(head.key);
    if (!isOurs || node === undefined || signature === undefined || body.length > MAX_BODY_BYTES) return undefined;
    const opened: SignedMessage = { head, body, keyId: of("key-id"), signature };
    return isSignedBy(node, opened) ? opened : undefined;
  }
}

const OPERATIONS = new Set(["receive", "forward"]);
const KEY = /^[0-9a-f]{64}$/;
const ANSWERS = /^zhengtong\.answers\.[a-z0-9-]{1,63}\.[0-9a-f-]{36}$/;
const MAX_BODY_BYTES = 1024 * 1024;
