import { SpanKind } from "@opentelemetry/api";
import type { Operation } from "#kernel/contract/contract";
import { doorRefusal } from "#kernel/contract/door-refusals";
import type { Refusal } from "#kernel/contract/refusal";
import type { FileOfCall } from "#kernel/contract/stored-file";
import { assert, Fault, isFault } from "#kernel/errors/fault";
import type { LedgerEntry } from "#kernel/ledger/entry";
import type { CertificateStanding, MessageSigner, RoomCall, Transport } from "#kernel/ports";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { traced, traceId } from "#kernel/system/trace";
import { readPem } from "#lib/asn1/pem";
import { publicKeyFromSpki } from "#lib/crypto/keys";
import type { DirectoryView } from "#lib/directory/view";
import { signatureNameOf } from "#lib/http-signatures/http-signature";
import { readX509 } from "#lib/x509/certificate";
import { courseOf } from "./course.ts";
import "./faults.ts";
import { offerFilesIn, takeFilesIn } from "./files/called-files.ts";
import { type BytesWanted, fetchFile, fetchInto } from "./files/fetch-file.ts";
import { FileOffers, fileEntry, type OfferedFile } from "./files/offers.ts";
import type { FrameSigner } from "./frames/frame.ts";
import { callLine } from "./frames/messages.ts";
import { Journal, placeText } from "./journal.ts";
import { CALL_TIMEOUT_MS, OFFER_MS } from "./limits.ts";
import { Listener, type Mount, type TlsCredentials } from "./listener.ts";
import { Party } from "./party.ts";
import { Reception } from "./receiving/reception.ts";
import { searchExchanges } from "./search.ts";
import { type Asked, Peer } from "./sending/peer.ts";
import { PinnedAgent } from "./sending/pinned-agent.ts";
import { exchangeEntry, judged, unanswered } from "./settling.ts";
import { Traffic, type TrafficNote } from "./traffic.ts";
import { provideWatched } from "./watching.ts";
import { turnOf } from "./whose-turn.ts";

export interface ExchangeOptions {
  /** What the directory says now; the same object until it changes. */
  readonly view: () => DirectoryView | undefined;
  /** Asked for at the first message. */
  readonly signer: () => Promise<MessageSigner>;
  readonly tls: () => TlsCredentials;
  /** What failed: a peer, a connection, a defect. No personal data is in it. */
  readonly onFault?: (error: unknown) => void;
  /** How long a caller waits for an answer; tests wait shorter. */
  readonly callTimeoutMs?: number;
  /** What else is served behind the listener. */
  readonly mounts?: readonly Mount[];
  /** What became of certificates; absent: what the directory lists counts. */
  readonly standing?: CertificateStanding | undefined;
}

/**
 * The exchange of one process: the kernel's `Transport`, and the listener that answers other nodes. It is made before the kernel, which asks
 * it, and connected to it afterwards.
 */
export class Exchange implements Transport {
  readonly #options: ExchangeOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #turnedAway = new Map<string, number>();
  readonly #traffic = new Traffic();
  #open:
    | { readonly party: Party; readonly reception: Reception; readonly offers: FileOffers; readonly link: string }
    | undefined;
  #listener: Listener | undefined;
  #forget: (() => void) | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Gives it the kernel whose calls it takes and whose doors it opens. */
  async connect(kernel: Kernel): Promise<void> {
    assert(this.#open === undefined, "the exchange is connected once");
    const { view, signer, standing, onFault = () => undefined } = this.#options;
    const journal = new Journal({ database: kernel.database, ledger: kernel.ledger });
    const party = new Party({
      ...{ kernel, journal, view, onFault, standing },
      signer: framing(signer),
    });
    const reception = new Reception(party, this.#traffic);
    await reception.open();
    const offers = new FileOffers(party);
    party.offerAnswer = (said) => offerFilesIn({ kernel, offers }, said);
    this.#open = { party, reception, offers, link: kernel.newId() };
    this.#forget = standing?.onChange(() => this.#recheck());
    provideWatched({
      view,
      peers: () => this.state.peers,
      traffic: () => this.#traffic.rows(),
      certificateEnd: (node) => (node.code === party.self ? this.#ownEnd() : party.certificateEnd(node)),
      search: (wanted) => searchExchanges(kernel, wanted),
      course: (wanted, asking) => courseOf(kernel, wanted, asking),
      refused: () => ({ ...this.state.refused, ...this.state.turnedAway }),
    });
  }

  /**
   * Begins to answer other nodes.
   * @returns the port
   */
  async listen(place: { readonly host: string; readonly port: number }): Promise<number> {
    const { party, reception, offers } = this.#connected();
    this.#listener = new Listener({
      tls: this.#options.tls(),
      mounts: [offers, reception, ...(this.#options.mounts ?? [])],
      withdrawn: (fingerprint) => party.withdrawn(fingerprint)?.why,
      onShown: (certificate) => party.watch(certificate),
      onTurnedAway: (reason, fingerprint = "") => {
        this.#turnedAway.set(reason, (this.#turnedAway.get(reason) ?? 0) + 1);
        const withdrawn = party.withdrawn(fingerprint);
        if (withdrawn !== undefined) reception.refuse(withdrawn.node, withdrawn.why);
      },
    });
    return this.#listener.listen(place);
  }

  /** Promises a file to another node: an answer names its digest, and that node comes for the bytes. */
  offerFile(file: OfferedFile, about: { readonly to: string; readonly act: string; readonly forMs?: number }): void {
    this.#connected().offers.offer(file, { ...about, forMs: about.forMs ?? OFFER_MS });
  }

  /**
   * Fetches a file that another node has promised, to a place on disk.
   * @throws ERR_EXCHANGE_PEER, ERR_EXCHANGE_FILE
   */
  async takeFile(wanted: {
    readonly node: string;
    readonly act: string;
    readonly digest: string;
    readonly sizeBytes: number;
    readonly path: string;
    readonly signal?: AbortSignal;
  }): Promise<void> {
    const { node, act, ...file } = wanted;
    await this.#takeFrom(node, act, file, (from) => fetchFile({ ...file, ...from }));
  }

  /** What was fetched is on the record. */
  async #takeFrom(
    node: string,
    act: string,
    file: Pick<OfferedFile, "digest" | "sizeBytes">,
    fetch: (wanted: BytesWanted) => Promise<void>,
  ): Promise<void> {
    const { party } = this.#connected();
    const address = party.peer(node)?.exchange;
    if (address === undefined) throw new Fault("ERR_EXCHANGE_PEER", { message: node });
    const agent = new PinnedAgent({
      tls: this.#options.tls,
      isTheirs: (fingerprint) => party.peerOf(fingerprint)?.code === node,
      onShown: (certificate) => party.watch(certificate),
      maxSockets: 1,
    });
    try {
      await fetch({ digest: file.digest, sizeBytes: file.sizeBytes, address, agent });
    } finally {
      agent.destroy();
    }
    const { kernel } = party;
    const entry = fileEntry({ kernel, act, operation: "takeFile", file, peer: { from: node } });
    await kernel.ledger.append(kernel.database, [entry]);
  }

  get #callTimeoutMs(): number {
    return this.#options.callTimeoutMs ?? CALL_TIMEOUT_MS;
  }

  carry(node: string, act: Act, call: RoomCall): Promise<unknown | Refusal> {
    const span = { name: "exchange", attributes: { "zhengtong.peer": node }, kind: SpanKind.CLIENT };
    return traced(span, () => this.#carry(node, act, call));
  }

  async #carry(node: string, act: Act, call: RoomCall): Promise<unknown | Refusal> {
    const { party, offers } = this.#connected();
    if (party.peer(node)?.exchange === undefined) return doorRefusal(call.room, "unavailable");
    const contract = party.kernel.systems.get(call.room)?.contract;
    const operation = contract?.operations[call.operation];
    const major = contract === undefined ? undefined : Number(contract.version.split(".")[0]);
    const said = operation && { schema: operation.input, value: call.input, to: node, act: act.id };
    if (said && !(await offerFilesIn({ kernel: party.kernel, offers }, said)))
      return doorRefusal(call.room, "unavailable");
    const beganMs = performance.now();
    const asked = await this.#peer(node).ask({
      line: () => callLine({ act, call, major, withinMs: this.#callTimeoutMs }),
      turn: turnOf({ client: act.origin?.client, via: act.via, who: act.principal }),
    });
    const settled = await this.#settle({ node, act, call, operation, asked });
    this.#traffic.note({
      ...{ peer: node, direction: "out", room: call.room, operation: call.operation },
      ...{ ended: endOf(asked), ms: performance.now() - beganMs },
    });
    return settled;
  }

  /** What the caller gets, and what the ledger says of it: both at once. */
  async #settle(about: {
    readonly node: string;
    readonly act: Act;
    readonly call: RoomCall;
    readonly operation: Operation | undefined;
    readonly asked: Asked;
  }): Promise<unknown | Refusal> {
    const { node, act, call, operation, asked } = about;
    const { party } = this.#connected();
    if (asked.kind === "unsent") return doorRefusal(call.room, "unavailable");
    const settled =
      asked.kind === "unanswered"
        ? { value: unanswered(call.room, operation), outcome: "unanswered", subjects: [] }
        : judged(asked.outcome, asked.subjects, { room: call.room, operation });
    if (settled.outcome === "broken") {
      party.onFault(
        new Fault("ERR_EXCHANGE_PEER", { message: `${node}: ${call.room}.${call.operation} broke its contract` }),
      );
    }
    const answer = asked.kind === "answered" ? asked.answer : undefined;
    const exchange = {
      to: node,
      call: placeText(asked.place.frame, asked.place.place),
      ...(answer && { answer: placeText(answer.frame, answer.place) }),
    };
    const entry: LedgerEntry = {
      ...exchangeEntry({ act, call, subjects: settled.subjects }),
      ...{ outcome: settled.outcome, detail: { exchange } },
    };
    await Promise.all([
      asked.kind === "answered" ? asked.keepFrame() : undefined,
      party.journal.keep({
        calls: [{ act: act.id, ...asked.place, ...(answer && { answer }), entry, trace: traceId() }],
      }),
    ]);
    if (operation === undefined || settled.outcome !== "answered") return settled.value;
    const said = { schema: operation.output, value: settled.value };
    const isWhole = await takeFilesIn(party.kernel, said, (file) => this.#fetch(node, act, file));
    return isWhole ? settled.value : unanswered(call.room, operation);
  }

  /** A file that a call of that node named, or its answer: held in memory, as the store does. */
  async bring(node: string, act: Act, file: FileOfCall): Promise<Uint8Array | undefined> {
    try {
      return await this.#fetch(node, act, file);
    } catch (error) {
      if (isFault(error, "ERR_EXCHANGE_PEER") || isFault(error, "ERR_EXCHANGE_FILE")) return undefined;
      throw error;
    }
  }

  async #fetch(node: string, act: Act, { digest, bytes: sizeBytes }: FileOfCall): Promise<Uint8Array> {
    const held = new Uint8Array(sizeBytes);
    await this.#takeFrom(node, act.id, { digest, sizeBytes }, (wanted) => fetchInto(wanted, held));
    return held;
  }

  #ownEnd(): number | undefined {
    const [first] = readPem(this.#options.tls().cert).filter(({ label }) => label === "CERTIFICATE");
    return first === undefined ? undefined : readX509(first.der).notAfterMs;
  }

  #peer(code: string): Peer {
    const { party, link } = this.#connected();
    let peer = this.#peers.get(code);
    if (peer === undefined) {
      peer = new Peer({ code, party, tls: this.#options.tls, link, callTimeoutMs: this.#callTimeoutMs });
      this.#peers.set(code, peer);
    }
    return peer;
  }

  #connected() {
    if (this.#open === undefined) throw new Fault("ERR_EXCHANGE_STOPPED", { message: "it is not connected" });
    return this.#open;
  }

  /** For an operator: each peer that was asked, and what was refused of others. */
  get state() {
    return {
      peers: [...this.#peers.values()].map((peer) => peer.state),
      refused: Object.fromEntries(this.#open?.reception.refusals ?? []),
      turnedAway: Object.fromEntries(this.#turnedAway),
    };
  }

  /** Ends connections and streams of peers whose certificates do not count any more. */
  #recheck(): void {
    for (const peer of this.#peers.values()) peer.recheck();
    this.#open?.reception.recheck();
  }

  /** Another certificate is shown from now on. */
  renew(): void {
    this.#listener?.renew(this.#options.tls());
    for (const peer of this.#peers.values()) peer.renew();
  }

  async close(): Promise<void> {
    this.#forget?.();
    for (const peer of this.#peers.values()) peer.close();
    await this.#listener?.close();
    this.#open?.reception.close();
    provideWatched(undefined);
  }
}

function endOf(asked: Asked): TrafficNote["ended"] {
  if (asked.kind !== "answered" || asked.outcome.kind === "failed") return "failed";
  return asked.outcome.kind === "refusal" ? "refused" : "answered";
}

/** Made once for each key: another one may take its place while the node runs. */
function framing(signer: () => Promise<MessageSigner>): () => Promise<FrameSigner> {
  const made = new WeakMap<MessageSigner, FrameSigner>();
  return async () => {
    const one = await signer();
    const framed = made.get(one) ?? frameSigner(one);
    made.set(one, framed);
    return framed;
  };
}

function frameSigner({ id, publicKey, suite, sign }: MessageSigner): FrameSigner {
  const algorithm = suite === "national" ? "zhengtong-sm2-sm3" : signatureNameOf(publicKeyFromSpki(publicKey));
  if (algorithm === undefined) throw new Fault("ERR_EXCHANGE_KEY");
  return { keyId: id, publicKey, algorithm, sign };
}
