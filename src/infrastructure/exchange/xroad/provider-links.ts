import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { TLSSocket } from "node:tls";
import type { CertificateStanding } from "#kernel/ports";
import { readPem } from "#lib/asn1/pem";
import { BodyRefused } from "./bodies.ts";
import {
  CALLS_TO_PROVIDER_MAX,
  HEADERS_MAX_BYTES,
  IDLE_TIMEOUT_MS,
  PROVIDER_ANSWER_TIMEOUT_MS,
  PROVIDER_CONNECT_TIMEOUT_MS,
  PROVIDER_WHOLE_TIMEOUT_MS,
} from "./limits.ts";
import type { Provider } from "./registrations.ts";

/** A provider that cannot be connected to, is not who it should be, or does not answer in time. */
export class ProviderUnreachable extends Error {}

/** One whose registered certificate was revoked or suspended: it was not connected to. */
export class ProviderWithdrawn extends ProviderUnreachable {}

/** The node's own certificate, for providers that ask for one. */
export interface OwnCertificate {
  readonly key: string;
  readonly certificate: string;
}

interface Asked {
  readonly method: string;
  /** From the base address on. */
  readonly target: string;
  readonly headers: readonly string[];
  readonly signal: AbortSignal;
}

interface Outgoing {
  readonly request: ClientRequest;
  /** @throws ProviderUnreachable, or BodyRefused */
  readonly answer: Promise<IncomingMessage>;
  /** Whether the provider may have seen any of it. */
  isSent(): boolean;
}

/** How providers are reached: TLS to the very certificate that is registered, kept open between calls, each wait bounded. */
export class ProviderLinks {
  readonly #own: OwnCertificate;
  readonly #standing: CertificateStanding | undefined;
  readonly #agents = new Map<string, Agent>();

  constructor(own: OwnCertificate, standing: CertificateStanding | undefined) {
    this.#own = own;
    this.#standing = standing;
  }

  /** @throws ProviderWithdrawn */
  ask(provider: Provider, asked: Asked): Outgoing {
    const { baseUrl } = provider;
    if (this.#standing?.isWithdrawn(provider.fingerprint) === true) throw new ProviderWithdrawn(provider.service);
    const [block] = readPem(provider.certificate);
    if (block !== undefined) this.#standing?.watch(block.der);
    const whole = AbortSignal.timeout(PROVIDER_WHOLE_TIMEOUT_MS);
    const request = httpsRequest({
      host: baseUrl.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: baseUrl.port || 443,
      path: `${baseUrl.pathname.replace(/\/$/, "")}${asked.target}` || "/",
      method: asked.method,
      headers: ["host", baseUrl.host, ...asked.headers],
      agent: this.#agentOf(provider),
      maxHeaderSize: HEADERS_MAX_BYTES,
      timeout: IDLE_TIMEOUT_MS,
      signal: AbortSignal.any([asked.signal, whole]),
    });
    let sent = false;
    request.once("socket", (socket: TLSSocket) => {
      sent = request.reusedSocket;
      socket.once("secureConnect", () => {
        sent = true;
      });
    });
    const answer = answerOf(request);
    answer.catch(() => undefined);
    return { request, answer, isSent: () => sent };
  }

  #agentOf(provider: Provider): Agent {
    const known = this.#agents.get(provider.id);
    if (known) return known;
    const agent = new Agent({
      keepAlive: true,
      maxSockets: CALLS_TO_PROVIDER_MAX,
      minVersion: "TLSv1.2",
      // The certificate itself is the anchor: who issued it is not asked, and its name is not either.
      ca: provider.certificate,
      allowPartialTrustChain: true,
      checkServerIdentity: (_host, shown) =>
        shown.fingerprint256?.replaceAll(":", "").toLowerCase() === provider.fingerprint
          ? undefined
          : new Error("another certificate than is registered"),
      key: this.#own.key,
      cert: this.#own.certificate,
    });
    this.#agents.set(provider.id, agent);
    return agent;
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }
}

function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const late = () => request.destroy(new ProviderUnreachable("no answer in time"));
    let timer = setTimeout(late, PROVIDER_ANSWER_TIMEOUT_MS + PROVIDER_CONNECT_TIMEOUT_MS);
    const again = (afterMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(late, afterMs);
    };
    request.once("socket", (socket: TLSSocket) => {
      if (request.reusedSocket) return;
      again(PROVIDER_CONNECT_TIMEOUT_MS);
      socket.once("secureConnect", () => again(PROVIDER_WHOLE_TIMEOUT_MS));
    });
    // From here on the provider thinks. While it is sent to, silence on the connection is what ends it.
    request.once("finish", () => again(PROVIDER_ANSWER_TIMEOUT_MS));
    request.once("timeout", late);
    request.once("response", (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    request.once("error", (cause) => {
      clearTimeout(timer);
      reject(cause instanceof BodyRefused ? cause : new ProviderUnreachable("no answer", { cause }));
    });
    request.once("close", () => {
      clearTimeout(timer);
      reject(new ProviderUnreachable("closed"));
    });
  });
}
