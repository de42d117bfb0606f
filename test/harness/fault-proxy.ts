import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/**
 * A wire that can be made bad: what goes through it is delayed, lost with its connection, stopped or cut. TCP below it keeps order and doubles
 * nothing, so that doubled and reordered messages are made where messages are: by sending them again.
 */
export class FaultProxy {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isCut = false;
  #isStalled = false;
  delayMs = 0;
  /** Of a thousand chunks, so many are lost, and their connection with them. */
  lossPerThousand = 0;
  #chunks = 0;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#server = createServer((near) => this.#join(near));
  }

  static async open(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#target);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on("data", (chunk: Buffer) => this.#pass(pair, from, chunk));
      // A wire holds no more than it carries: whoever sends waits for whoever reads.
      to.on("drain", () => from.resume());
      from.on("end", () => setTimeout(() => to.end(), this.delayMs));
      from.on("error", () => this.#end(pair));
      from.on("close", () => this.#end(pair));
    }
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
    for (const pair of [...this.#pairs]) this.#end(pair);
  }

  /** Swallows everything without a word: what a partition looks like from inside. */
  stall(): void {
    this.#isStalled = true;
  }

  heal(): void {
    // What was swallowed is missing from its connection for good.
    if (this.#isStalled) for (const pair of [...this.#pairs]) this.#end(pair);
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
