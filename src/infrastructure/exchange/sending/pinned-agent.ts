import { Agent, type RequestOptions } from "node:https";
import { isIP } from "node:net";
import { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import { Fault } from "#kernel/errors/fault";
import { sha256Hex } from "#lib/crypto/digest";
import { CONNECT_TIMEOUT_MS } from "../limits.ts";
import type { TlsCredentials } from "../listener.ts";

/**
 * Connections to one peer: TLS 1.3, our certificate shown, theirs pinned by the directory before a byte is sent. No session is resumed: at each
 * connection both show what they are today.
 */
export class PinnedAgent extends Agent {
  readonly #tls: () => TlsCredentials;
  readonly #isTheirs: (fingerprint: string) => boolean;
  readonly #onShown: (certificate: Uint8Array) => void;

  constructor(options: {
    readonly tls: () => TlsCredentials;
    readonly isTheirs: (fingerprint: string) => boolean;
    /** Told of their certificate (DER), at each connection. */
    readonly onShown: (certificate: Uint8Array) => void;
    readonly maxSockets: number;
  }) {
    super({ keepAlive: true, maxSockets: options.maxSockets, maxFreeSockets: options.maxSockets, scheduling: "lifo" });
    this.#tls = options.tls;
    this.#isTheirs = options.isTheirs;
    this.#onShown = options.onShown;
  }

  override createConnection(
    options: RequestOptions,
    created?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const host = String(options.host);
    let socket: TLSSocket;
    try {
      socket = connect({
        ...this.#tls(),
        host,
        port: Number(options.port),
        minVersion: "TLSv1.3",
        rejectUnauthorized: false,
        ...(isIP(host) === 0 && { servername: host }),
      });
    } catch (cause) {
      // Our own certificate is not there yet, or is none.
      queueMicrotask(() => created?.(new Fault("ERR_EXCHANGE_CERTIFICATE", { cause }), new Duplex()));
      return undefined;
    }
    socket.setNoDelay(true);
    const fail = (why: string) => {
      clearTimeout(timer);
      socket.destroy();
      created?.(new Fault("ERR_EXCHANGE_PEER", { message: why }), socket);
    };
    const timer = setTimeout(() => fail("no connection in time"), CONNECT_TIMEOUT_MS);
    const onError = (error: Error) => fail((error as NodeJS.ErrnoException).code ?? error.name);
    socket.once("error", onError);
    socket.once("secureConnect", () => {
      const certificate = socket.getPeerX509Certificate();
      if (certificate === undefined || !this.#isTheirs(sha256Hex(certificate.raw))) {
        return fail("it shows a certificate that is not listed for it, or was revoked");
      }
      this.#onShown(certificate.raw);
      clearTimeout(timer);
      socket.off("error", onError);
      created?.(null, socket);
    });
    return undefined;
  }
}
