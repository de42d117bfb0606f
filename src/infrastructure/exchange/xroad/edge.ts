import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { Fault } from "#kernel/errors/fault";
import type { CertificateStanding } from "#kernel/ports";
import type { Kernel } from "#kernel/system/kernel";
import { isXRoadError, type XRoadError } from "#lib/xroad/error";
import { clientText, serviceText } from "#lib/xroad/identifier";
import { lastValue, pairs } from "#lib/xroad/message-headers";
import { acceptsJson, clientListJson, clientListXml, serviceListJson } from "#lib/xroad/metadata";
import { readRequest } from "#lib/xroad/request";
import { Crowd } from "../crowd.ts";
import { provideWatchedEdge } from "../watching.ts";
import { sendError, sendFailure, sendWhole, type WholeAnswer } from "./answer.ts";
import { authorityOfCode } from "./authorities.ts";
import { enterQuestion, type MetadataName } from "./call-entry.ts";
import { shownFingerprint } from "./certificate.ts";
import type { EdgeCall } from "./edge-call.ts";
import { FAILED } from "./failures.ts";
import { registrations } from "./in-force.ts";
import {
  AUTHORITY_CODE_MAX,
  CONNECTIONS_MAX,
  CONNECTIONS_OF_ADDRESS_MAX,
  DRAIN_TIMEOUT_MS,
  HANDSHAKE_TIMEOUT_MS,
  HEADERS_MAX_BYTES,
  HEADERS_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  LATE_LOOK_INTERVAL_MS,
  REQUEST_TIMEOUT_MS,
  REQUESTS_PER_CONNECTION_MAX,
} from "./limits.ts";
import { allowedServices, documentOf, listedClients, servicesOf } from "./metadata.ts";
import { offeredContract } from "./offered.ts";
import { edgePorts } from "./ports.ts";
import { callProvider } from "./provider-call.ts";
import { type OwnCertificate, ProviderLinks } from "./provider-links.ts";
import { Quotas } from "./quota.ts";
import { RefusedCalls } from "./refused-calls.ts";
import type { KnownSystem, Right } from "./registrations.ts";
import { callRoom, hashOf } from "./room-call.ts";
import "../faults.ts";

export interface EdgeOptions {
  readonly kernel: Kernel;
  readonly own: OwnCertificate;
  readonly host: string;
  /** 0 asks the system for a free port. */
  readonly port: number;
  /** What became of certificates; absent: what is registered counts. */
  readonly standing?: CertificateStanding | undefined;
  /** A defect, with the number that the caller was told. */
  readonly onFault: (fault: unknown, requestId: string) => void;
}

/** Where systems that are not ours call. */
export interface OpenEdge {
  readonly port: number;
  /** By which providers are reached. */
  readonly links: ProviderLinks;
  /** Finishes what is under way. */
  close(): Promise<void>;
}

interface Edge {
  readonly options: EdgeOptions;
  readonly links: ProviderLinks;
  readonly quotas: Quotas;
  readonly refused: RefusedCalls;
}

/**
 * Opens the edge: a listener of its own with mutual TLS. Who calls is told by the certificate, which is registered itself: who issued it
 * is not asked.
 * @throws ERR_EDGE_CERTIFICATE
 */
export async function openEdge(options: EdgeOptions): Promise<OpenEdge> {
  const { own, standing } = options;
  const edge: Edge = {
    options,
    links: new ProviderLinks(own, standing),
    quotas: new Quotas(options.kernel.database),
    refused: refusedCalls(options),
  };
  provideWatchedEdge(() => edge.refused.counts);
  const server = listener(own, (request, response) => void answer(edge, request, response));
  server.listen(options.port, options.host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    links: edge.links,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT_MS);
      await closed;
      clearTimeout(timer);
      provideWatchedEdge(undefined);
      edge.links.close();
    },
  };
}

function refusedCalls({ kernel, onFault }: EdgeOptions): RefusedCalls {
  return new RefusedCalls(kernel, (fault) => onFault(fault, ""));
}

function listener(own: OwnCertificate, handle: (request: IncomingMessage, response: ServerResponse) => void): Server {
  try {
    const server = createServer(
      {
        key: own.key,
        cert: own.certificate,
        // Any certificate is let in to be told no in the protocol's own words; the one that is registered is let on.
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: "TLSv1.2",
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        headersTimeout: HEADERS_TIMEOUT_MS,
        connectionsCheckingInterval: LATE_LOOK_INTERVAL_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
        maxHeaderSize: HEADERS_MAX_BYTES,
      },
      handle,
    );
    server.maxConnections = CONNECTIONS_MAX;
    const crowd = new Crowd(CONNECTIONS_OF_ADDRESS_MAX);
    server.on("connection", (socket: Socket) => void crowd.admit(socket));
    server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX;
    server.setTimeout(IDLE_TIMEOUT_MS);
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    server.on("clientError", (_error, socket) => socket.destroy());
    return server;
  } catch (cause) {
    throw new Fault("ERR_EDGE_CERTIFICATE", { cause });
  }
}

async function answer(edge: Edge, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { kernel, onFault } = edge.options;
  const place = { request, response, requestId: kernel.newId() };
  try {
    await serve(edge, place);
  } catch (error) {
    // Whoever has gone needs no answer; an answer that broke on its way has told so.
    if (response.destroyed) return;
    const isBehind = error instanceof FailedBehind;
    onFault(isBehind ? error.cause : error, place.requestId);
    sendError(place, isBehind ? FAILED.node : FAILED.edge);
  }
}

/** What failed in a room or on the way to a provider, and not at the edge itself. */
class FailedBehind extends Error {}

async function behind(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    throw new FailedBehind("failed behind the edge", { cause });
  }
}

type Place = Pick<EdgeCall, "request" | "response" | "requestId">;

async function serve(edge: Edge, place: Place): Promise<void> {
  const { kernel, standing } = edge.options;
  const { request, response } = place;
  const at = kernel.now();
  const shown = (request.socket as TLSSocket).getPeerCertificate();
  const fingerprint = shownFingerprint(shown, at);
  const system =
    fingerprint === undefined ? undefined : registrations(kernel.database).systemOfCertificate(fingerprint);
  const refuse = (error: XRoadError, more: Readonly<Record<string, string>> = {}) => {
    edge.refused.note(system?.client, error, error === FAILED.withdrawn ? "certificate-revoked" : undefined);
    sendError(place, error, more);
  };
  if (fingerprint === undefined || system === undefined) return refuse(FAILED.stranger);
  if (standing?.isWithdrawn(fingerprint) === true) return refuse(FAILED.withdrawn);
  // Which issuers are to be asked is known by what is shown; it is asked after for as long as it is.
  standing?.watch(shown.raw);
  // Before anything is waited for: whoever goes meanwhile is gone.
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const wait = await edge.quotas.take(system.client, system.perMinute, Date.parse(at));
  if (wait === "minute") return refuse(FAILED.minute, { "retry-after": "10" });
  if (wait !== undefined) return refuse(FAILED.busy, { "retry-after": "1" });
  try {
    await serveSystem(edge, { ...place, at, system, signal: gone.signal });
  } finally {
    edge.quotas.release(system.client);
  }
}

type Known = Place & { readonly at: string; readonly system: KnownSystem; readonly signal: AbortSignal };

async function serveSystem(edge: Edge, known: Known): Promise<void> {
  const { kernel } = edge.options;
  const { request, requestId } = known;
  const target = request.url ?? "";
  if (/^\/listClients(?:\?|$)/.test(target) && request.method === "GET") return sendClients(kernel, known, target);
  const headers = pairs(request.rawHeaders);
  const read = readRequest({ method: request.method ?? "", target, headers });
  if (isXRoadError(read)) {
    await enterQuestion({ kernel, ...known }, { operation: "callService", outcome: read.failure });
    return sendError(known, read);
  }
  const call: EdgeCall = { ...known, kernel, headers, read, id: read.id ?? requestId };
  const isOwn = clientText(read.client) === known.system.client;
  if (!isOwn) return sendFailure(call, FAILED.otherClient, { right: undefined });
  if (read.service.instance !== edgePorts(kernel.database).instance)
    return sendFailure(call, FAILED.otherInstance, { right: undefined });
  const metadata = await metadataOf(call);
  if (metadata !== undefined) {
    await enterQuestion(call, {
      operation: read.service.service as MetadataName,
      outcome: isXRoadError(metadata) ? metadata.failure : "answered",
      service: serviceText(read.service),
    });
    return isXRoadError(metadata) ? sendError(call, metadata) : sendWhole(call, metadata, hashOf(call, undefined));
  }
  const right = (endpoint: string) => rightTo(call, endpoint);
  const provider = registrations(kernel.database).provider(serviceText(read.service));
  if (provider) return behind(callProvider(call, { provider, links: edge.links, right }));
  const contract = offeredContract(read.service);
  if (contract && (await isKept(kernel, contract.id, read.service.memberCode)))
    return behind(callRoom(call, contract, right));
  return sendFailure(call, FAILED.unknownService, { right: undefined });
}

/** What the caller may do here: a right that has not ended, of the purpose that it names, or of any where it names none. */
function rightTo({ kernel, read, headers, at, system }: EdgeCall, endpoint: string): Right | undefined {
  const service = serviceText(read.service);
  const purpose = lastValue(headers, "zhengtong-purpose");
  const { self } = edgePorts(kernel.database);
  return registrations(kernel.database)
    .rightsOf(system.client)
    .find(
      (right) =>
        right.service === service &&
        (right.node ?? self) === self &&
        right.endpoints.includes(endpoint) &&
        right.untilMs > Date.parse(at) &&
        (purpose === undefined || right.purpose === purpose),
    );
}

/** Whether the authority of this code keeps a room here, or another node keeps it. */
async function isKept(kernel: Kernel, room: string, code: string): Promise<boolean> {
  const { keeperOf, isElsewhere } = edgePorts(kernel.database);
  const named = code.length <= AUTHORITY_CODE_MAX ? await authorityOfCode(kernel, code) : undefined;
  return named !== undefined && (named === keeperOf(room) || isElsewhere(room));
}

async function metadataOf(call: EdgeCall): Promise<WholeAnswer | (typeof FAILED)[keyof typeof FAILED] | undefined> {
  const { read, kernel, system } = call;
  if (read.method !== "GET" || read.path !== "") return undefined;
  switch (read.service.service) {
    case "listMethods":
      return json(serviceListJson(await servicesOf(kernel, read.service)));
    case "allowedMethods": {
      const nowMs = Date.parse(call.at);
      const rights = registrations(kernel.database)
        .rightsOf(system.client)
        .filter(({ untilMs }) => untilMs > nowMs);
      return json(serviceListJson(allowedServices(kernel, await servicesOf(kernel, read.service), rights)));
    }
    case "getOpenAPI": {
      const code = new URLSearchParams(read.query ?? "").get("serviceCode");
      if (code === null || code === "") return FAILED.noServiceCode;
      const document = documentOf(kernel, { ...read.service, service: code });
      return document === undefined ? FAILED.unknownService : json(document);
    }
    default:
      return undefined;
  }
}

function json(value: unknown): WholeAnswer {
  return { status: 200, headers: [["content-type", "application/json; charset=utf-8"]], body: JSON.stringify(value) };
}

async function sendClients(kernel: Kernel, known: Known, target: string): Promise<void> {
  const { request, response } = known;
  const wanted = new URLSearchParams(target.split("?", 2)[1] ?? "").get("xRoadInstance") ?? "";
  const clients = wanted === "" || wanted === edgePorts(kernel.database).instance ? await listedClients(kernel) : [];
  const isJson = acceptsJson(request.headers.accept);
  const body = isJson ? JSON.stringify(clientListJson(clients)) : clientListXml(clients);
  await enterQuestion({ kernel, ...known }, { operation: "listClients", outcome: "answered" });
  response.writeHead(200, {
    "content-type": isJson ? "application/json; charset=utf-8" : "text/xml; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
