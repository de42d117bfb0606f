import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { Fault } from "#kernel/errors/fault";
import { sha256Hex } from "#lib/crypto/digest";
import { Crowd } from "./crowd.ts";
import {
  CONNECTIONS_MAX,
  CONNECTIONS_OF_ADDRESS_MAX,
  HANDSHAKE_TIMEOUT_MS,
  HEAD_MAX_BYTES,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
} from "./limits.ts";
import "./faults.ts";

/** Key and certificate of this node's connections, PEM. */
export interface TlsCredentials {
  readonly key: string;
  readonly cert: string;
}

/** What is served to whom behind the listener. */
export interface Mount {
  /** `/exchange/`: the beginning of the paths that it answers. */
  readonly prefix: string;
  /** Whether a connection with this certificate (SHA-256 of its DER, lower-case hex) has business here; asked at each request. */
  admits(fingerprint: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse, fingerprint: string): void;
}

export interface ListenerOptions {
  readonly tls: TlsCredentials;
  readonly mounts: readonly Mount[];
  /** Why a certificate that is known does not count any more, as its holder is told; undefined where it counts, or is not known. */
  readonly withdrawn: (fingerprint: string) => string | undefined;
  /** Told of the certificate (DER) of each connection that has business here. */
  readonly onShown: (certificate: Uint8Array) => void;
  /** Told of each connection and request that was turned away: a name of a closed list. */
  readonly onTurnedAway: (
    reason: "crowd" | "no-certificate" | "unknown-certificate" | "withdrawn-certificate" | "no-such-place" | "tls",
    fingerprint?: string,
  ) => void;
}

/**
 * Listens with mutual TLS 1.3. Certificates are pinned: whoever shows one that no mount knows is let go after the handshake, and a
 * certificate that stops counting while it is connected is refused at its next request. Whose certificate was withdrawn is told so.
 */
export class Listener {
  readonly #server: Server;
  readonly #options: ListenerOptions;
  readonly #fingerprints = new WeakMap<object, string>();

  constructor(options: ListenerOptions) {
    this.#options = options;
    try {
      this.#server = createServer({
        ...options.tls,
        minVersion: "TLSv1.3",
        requestCert: true,
        // Chains prove nothing here: what counts is what the directory lists.
        rejectUnauthorized: false,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        maxHeaderSize: HEAD_MAX_BYTES,
        headersTimeout: HEADERS_TIMEOUT_MS,
        // Bodies have limits of their own: streams take long.
        requestTimeout: 0,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
        connectionsCheckingInterval: 1_000,
      });
    } catch (cause) {
      throw new Fault("ERR_EXCHANGE_CERTIFICATE", { cause });
    }
    this.#server.maxConnections = CONNECTIONS_MAX;
    const crowd = new Crowd(CONNECTIONS_OF_ADDRESS_MAX);
    this.#server.on("connection", (socket: Socket) => {
      if (!crowd.admit(socket)) options.onTurnedAway("crowd");
    });
    this.#server.on("secureConnection", (socket: TLSSocket) => this.#admit(socket));
    this.#server.on("tlsClientError", () => options.onTurnedAway("tls"));
    this.#server.on("request", (request, response) => this.#route(request, response));
    this.#server.on("checkContinue", (request, response) => this.#route(request, response));
  }

  #admit(socket: TLSSocket): void {
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) {
      this.#options.onTurnedAway("no-certificate");
      socket.destroy();
      return;
    }
    const fingerprint = sha256Hex(certificate.raw);
    const { mounts, withdrawn, onShown } = this.#options;
    // One that was withdrawn is let in as far as to be told so; it may come back.
    if (mounts.some((mount) => mount.admits(fingerprint)) || withdrawn(fingerprint) !== undefined) {
      onShown(certificate.raw);
    } else {
      this.#options.onTurnedAway("unknown-certificate");
      socket.destroy();
      return;
    }
    this.#fingerprints.set(socket, fingerprint);
    socket.on("error", () => socket.destroy());
  }

  #route(request: IncomingMessage, response: ServerResponse): void {
    const fingerprint = this.#fingerprints.get(request.socket);
    const problem = fingerprint === undefined ? undefined : this.#options.withdrawn(fingerprint);
    if (problem !== undefined) {
      this.#options.onTurnedAway("withdrawn-certificate", fingerprint);
      response.writeHead(403, { "content-type": "application/problem+json", connection: "close" });
      response.end(JSON.stringify({ problem }));
      return;
    }
    const mount = this.#options.mounts.find(({ prefix }) => request.url?.startsWith(prefix) === true);
    if (fingerprint === undefined || mount === undefined || !mount.admits(fingerprint)) {
      const isKnown = fingerprint !== undefined && this.#options.mounts.some((one) => one.admits(fingerprint));
      this.#options.onTurnedAway(isKnown ? "no-such-place" : "unknown-certificate");
      response.writeHead(isKnown ? 404 : 403, { connection: "close" }).end();
      // What it still sends is not read.
      request.destroy();
      return;
    }
    mount.handle(request, response, fingerprint);
  }

  /** @returns the port */
  async listen(place: { readonly host: string; readonly port: number }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(place.port, place.host, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    this.#server.on("error", () => undefined);
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes another certificate for new connections: the old one ran out, or was replaced. */
  renew(tls: TlsCredentials): void {
    this.#server.setSecureContext({ ...tls, minVersion: "TLSv1.3" });
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
