import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Who is at the other end of a connection; undefined where nobody can tell. */
export type PeerOf = (socket: Socket) => Promise<string | undefined>;

/**
 * A wire that can be made bad: what goes through it is delayed, lost with its connection, stopped or cut. TCP below it keeps order and doubles
 * nothing, so that doubled and reordered messages are made where messages are: by sending them again.
 */
export class FaultProxy {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #pairs = new Map<readonly [Socket, Socket], string | undefined>();
  readonly #peerOf: PeerOf;
  #cutOff: ReadonlySet<string> = new Set();
  #isCut = false;
  #isStalled = false;
  delayMs = 0;
  /** Of a thousand chunks, so many are lost, and their connection with them. */
  lossPerThousand = 0;
  #chunks = 0;

  private constructor(target: { readonly host: string; readonly port: number }, peerOf: PeerOf) {
    this.#target = target;
    this.#peerOf = peerOf;
    this.#server = createServer((near) => {
      near.on("error", () => undefined);
      near.pause();
      void this.#peerOf(near).then((peer) => this.#join(near, peer));
    });
  }

  /** @param options where it listens, and how it knows who calls, so that some can be cut off and others not */
  static async open(
    target: { readonly host: string; readonly port: number },
    options: { readonly host?: string; readonly port?: number; readonly peerOf?: PeerOf } = {},
  ): Promise<FaultProxy> {
    const { host = "127.0.0.1", port = 0, peerOf = async () => undefined } = options;
    const proxy = new FaultProxy(target, peerOf);
    proxy.#server.listen(port, host);
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #join(near: Socket, peer: string | undefined): void {
    if (this.#isCut || (peer !== undefined && this.#cutOff.has(peer))) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#target);
    const pair = [near, far] as const;
    this.#pairs.set(pair, peer);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on("data", (chunk: Buffer) => this.#pass(pair, from, chunk));
      // A wire holds no more than it carries: whoever sends waits for whoever reads.
      to.on("drain", () => from.resume());
      from.on("end", () => setTimeout(() => to.end(), this.delayMs));
      from.on("error", () => this.#end(pair));
      from.on("close", () => this.#end(pair));
    }
    near.resume();
  }

  #pass(pair: readonly [Socket, Socket], from: Socket, chunk: Buffer): void {
    const to = pair[0] === from ? pair[1] : pair[0];
    if (this.#isStalled) return;
    this.#chunks += 1;
    // Spread evenly and the same in each run: a test does not depend on luck.
    if (this.lossPerThousand > 0 && (this.#chunks * this.lossPerThousand) % 1000 < this.lossPerThousand) {
      this.#end(pair);
      return;
    }
    if (this.delayMs === 0) {
      if (!to.write(chunk)) from.pause();
    } else setTimeout(() => to.writable && to.write(chunk), this.delayMs);
  }

  #end(pair: readonly [Socket, Socket]): void {
    if (!this.#pairs.delete(pair)) return;
    for (const socket of pair) socket.destroy();
  }

  /** Ends all connections and takes no new one. */
  cut(): void {
    this.#isCut = true;
    for (const pair of [...this.#pairs.keys()]) this.#end(pair);
  }

  /** Ends what these have open and takes nothing new of them; of all others it does. */
  cutOff(peers: Iterable<string>): void {
    this.#cutOff = new Set(peers);
    for (const [pair, peer] of [...this.#pairs]) if (peer !== undefined && this.#cutOff.has(peer)) this.#end(pair);
  }

  /** Swallows everything without a word: what a partition looks like from inside. */
  stall(): void {
    this.#isStalled = true;
  }

  heal(): void {
    // What was swallowed is missing from its connection for good.
    if (this.#isStalled) for (const pair of [...this.#pairs.keys()]) this.#end(pair);
    this.#isCut = false;
    this.#isStalled = false;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }
}
