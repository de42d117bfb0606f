/** Where others find certificates, lists, status answers and time stamps. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { STATUS_REQUEST_MAX_BYTES } from "#lib/revocation/status-request";
import { STAMP_REQUEST_MAX_BYTES } from "#lib/time-stamp/request";
import { toPem } from "../certificates/authority-files.ts";
import { Allowance } from "./allowance.ts";
import { StatusAnswers, type StatusLinks } from "./answers.ts";
import { LIST_KEPT_MS, RevocationLists } from "./lists.ts";
import type { CertificateProof } from "./proofs.ts";
import { stampAnswer } from "./stamps.ts";

/** Above this a process answers "try later". Each stamp is an entry of the ledger, which is kept for ever. */
export const STAMPS_PER_SECOND_MAX = 50;
export const ANSWERS_PER_SECOND_MAX = 2_000;
const RETRY_AFTER_SECONDS = 2;
/** How long an answer may be passed on by others on the way before they ask again. */
const ANSWER_SHARED_SECONDS = 30;

const TYPES = Object.freeze({
  statusRequest: "application/ocsp-request",
  statusAnswer: "application/ocsp-response",
  stampRequest: "application/timestamp-query",
  stampAnswer: "application/timestamp-reply",
  list: "application/pkix-crl",
  certificate: "application/pkix-cert",
  pem: "application/x-pem-file",
});

/** What the endpoints need of the node. */
export interface EndpointLinks extends StatusLinks {
  /** By the certificate's fingerprint, hexadecimal. */
  readonly proof: (fingerprint: string) => Promise<CertificateProof | undefined>;
}

/** Mounts `/trust/ca`, `/trust/crl`, `/trust/ocsp`, `/trust/timestamp` and `/trust/certificates`. */
export async function mountTrust(server: FastifyInstance, links: EndpointLinks): Promise<void> {
  await server.register(async (scope) => {
    // Whatever else is sent here is not read at all.
    scope.removeAllContentTypeParsers();
    for (const [type, bodyLimit] of [
      [TYPES.statusRequest, STATUS_REQUEST_MAX_BYTES],
      [TYPES.stampRequest, STAMP_REQUEST_MAX_BYTES],
    ] as const) {
      scope.addContentTypeParser(type, { parseAs: "buffer", bodyLimit }, (_request, body, done) => done(null, body));
    }
    mountCertificates(scope, links);
    mountLists(scope, new RevocationLists(links));
    mountAnswers(scope, new StatusAnswers(links));
    mountStamps(scope, links);
    mountProofs(scope, links);
  });
}

function mountCertificates(server: FastifyInstance, { trust: { hierarchy } }: StatusLinks): void {
  server.get<{ Params: { file: string } }>("/trust/ca/:file", (request, reply) => {
    const [, name, form] = /^([a-z0-9-]{1,40})\.(pem|cer)$/.exec(request.params.file) ?? [];
    const der = name === undefined ? undefined : hierarchy.named(name)?.certificate.der;
    if (der === undefined) return notFound(reply);
    const shared = reply.header("cache-control", "public, max-age=3600");
    return form === "pem"
      ? shared.type(TYPES.pem).send(toPem(der))
      : shared.type(TYPES.certificate).send(Buffer.from(der));
  });
}

function mountLists(server: FastifyInstance, lists: RevocationLists): void {
  server.get<{ Params: { file: string } }>("/trust/crl/:file", async (request, reply) => {
    const [, name] = /^([a-z0-9-]{1,40})\.crl$/.exec(request.params.file) ?? [];
    const list = name === undefined ? undefined : await lists.list(name);
    if (list === undefined) return notFound(reply);
    const seconds = LIST_KEPT_MS / 1000;
    return reply.header("cache-control", `public, max-age=${seconds}`).type(TYPES.list).send(Buffer.from(list));
  });
}

function mountAnswers(server: FastifyInstance, answers: StatusAnswers): void {
  const allowance = new Allowance(ANSWERS_PER_SECOND_MAX);
  const answer = async (question: Uint8Array, reply: FastifyReply) => {
    if (!allowance.take(performance.now())) return tryLater(reply);
    return reply.type(TYPES.statusAnswer).send(Buffer.from(await answers.answer(question)));
  };
  server.post<{ Body: Uint8Array | null }>("/trust/ocsp", (request, reply) =>
    answer(request.body ?? new Uint8Array(), reply),
  );
  // RFC 6960 appendix A.1: base64, then percent-encoded; a slash may arrive as it is.
  server.get<{ Params: { "*": string } }>("/trust/ocsp/*", (request, reply) => {
    reply.header("cache-control", `public, max-age=${ANSWER_SHARED_SECONDS}`);
    return answer(new Uint8Array(Buffer.from(request.params["*"], "base64")), reply);
  });
}

function mountStamps(server: FastifyInstance, links: StatusLinks): void {
  const allowance = new Allowance(STAMPS_PER_SECOND_MAX);
  server.post<{ Body: Uint8Array | null }>("/trust/timestamp", async (request, reply) => {
    if (!allowance.take(performance.now())) return tryLater(reply);
    const answer = await stampAnswer(request.body ?? new Uint8Array(), links);
    return reply.type(TYPES.stampAnswer).send(Buffer.from(answer));
  });
}

/** Whoever has a certificate can have it proved that it is in the ledger; nobody else can guess its fingerprint. */
function mountProofs(server: FastifyInstance, { proof }: EndpointLinks): void {
  server.get<{ Params: { fingerprint: string } }>("/trust/certificates/:fingerprint/proof", async (request, reply) => {
    const found = await proof(request.params.fingerprint);
    if (found === undefined) return notFound(reply);
    return reply
      .header("cache-control", "no-cache")
      .type("application/json; charset=utf-8")
      .send(`${JSON.stringify(found)}\n`);
  });
}

function tryLater(reply: FastifyReply) {
  return reply
    .code(503)
    .header("retry-after", RETRY_AFTER_SECONDS)
    .type("text/plain; charset=utf-8")
    .send("请几秒钟后重试。\nTry again in a few seconds.\n");
}

function notFound(reply: FastifyReply) {
  return reply.code(404).type("text/plain; charset=utf-8").send("not found\n");
}
