/** Where nodes and systems get certificates themselves: ACME (RFC 8555), with accounts that administrators permitted. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Language, text } from "#lib/language/text";
import { type AcmeRequest, REQUEST_MAX_BYTES, readJws, verifyJws } from "./jws.ts";
import { Nonces } from "./nonces.ts";
import {
  AccountChange,
  AuthorizationChange,
  ChallengeResponse,
  Finalization,
  NewAccount,
  NewOrder,
  Revocation,
  readPayload,
} from "./payloads.ts";
import { AcmeProblem, malformed, unknown } from "./problem.ts";
import type { AccountRow, AuthorizationRow, OrderRow } from "./rows.ts";
import { type AcmeLinks, AcmeServer, type Authorization } from "./server.ts";

export const ACME_PATH = "/acme";
export const ACME_DIRECTORY = `${ACME_PATH}/directory`;
const JOSE = "application/jose+json";
const PROBLEM = "application/problem+json";
const CHAIN = "application/pem-certificate-chain";
/** Names being proved at the same time in one process: each may take as long as its timeout. */
const PROOFS_AT_ONCE_MAX = 32;
const RETRY_AFTER_SECONDS = 5;

export interface AcmeMount extends AcmeLinks {
  /** Without a slash at its end. */
  readonly publicUrl: string;
  /** 32 bytes each, the same in all processes of the node: the first signs. */
  readonly nonceKeys: () => readonly [Uint8Array, ...Uint8Array[]];
}

/** Who sent a request, and what: verified, its nonce used up. */
interface Signed {
  readonly request: AcmeRequest;
  readonly payload: Uint8Array;
  /** As the request named it. */
  readonly kid: string;
  readonly account: AccountRow;
}

type Params = { readonly id: string };

export async function mountAcme(server: FastifyInstance, mount: AcmeMount): Promise<void> {
  const acme = new Endpoints(mount);
  await server.register(async (scope) => {
    // Whatever else is sent here is not read at all (RFC 8555 §6.2).
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(JOSE, { parseAs: "string", bodyLimit: REQUEST_MAX_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    scope.addHook("onSend", async (request, reply) => {
      if (request.url !== ACME_DIRECTORY) reply.header("link", `<${mount.publicUrl}${ACME_DIRECTORY}>;rel="index"`);
      reply.header("cache-control", "no-store");
    });
    scope.setErrorHandler((error, request, reply) => acme.fail(error, request, reply));
    acme.mount(scope);
  });
}

class Endpoints {
  readonly #acme: AcmeServer;
  readonly #nonces: Nonces;
  readonly #mount: AcmeMount;
  #proofs = 0;

  constructor(mount: AcmeMount) {
    this.#mount = mount;
    this.#acme = new AcmeServer(mount);
    this.#nonces = new Nonces(mount.nonceKeys, () => Date.parse(mount.now()));
  }

  mount(scope: FastifyInstance): void {
    scope.get(ACME_DIRECTORY, () => this.#directory());
    const nonce = (code: number) => (_: FastifyRequest, reply: FastifyReply) => this.#fresh(reply).code(code).send();
    scope.head(`${ACME_PATH}/new-nonce`, nonce(200));
    scope.get(`${ACME_PATH}/new-nonce`, nonce(204));
    scope.post(`${ACME_PATH}/new-account`, (request, reply) => this.#newAccount(request, reply));
    scope.post(`${ACME_PATH}/revoke`, (request, reply) => this.#revoke(request, reply));
    const post = (path: string, answer: (signed: Signed, reply: FastifyReply, id: string) => Promise<unknown>) =>
      scope.post<{ Params: Params }>(`${ACME_PATH}/${path}`, async (request, reply) => {
        const signed = await this.#signed(request);
        return this.#fresh(reply).send(await answer(signed, reply, request.params.id));
      });
    post("key-change", (signed) => this.#keyChange(signed));
    post("new-order", (signed, reply) => this.#newOrder(signed, reply));
    post("account/:id", (signed, _, id) => this.#account(signed, id));
    post("account/:id/orders", (signed, _, id) => this.#orders(signed, id));
    post("order/:id", async ({ account }, reply, id) => this.#order(await this.#acme.orderNamed(account, id), reply));
    post("order/:id/finalize", (signed, reply, id) => this.#finalize(signed, reply, id));
    post("authorization/:id", (signed, _, id) => this.#authorization(signed, id));
    post("challenge/:id", (signed, reply, id) => this.#challenge(signed, reply, id));
    post("certificate/:id", (signed, reply, id) => this.#certificate(signed, reply, id));
  }

  #directory() {
    return {
      newNonce: this.#url("new-nonce"),
      newAccount: this.#url("new-account"),
      newOrder: this.#url("new-order"),
      revokeCert: this.#url("revoke"),
      keyChange: this.#url("key-change"),
      meta: { externalAccountRequired: true, website: `${this.#mount.publicUrl}/` },
    };
  }

  async #newAccount(request: FastifyRequest, reply: FastifyReply) {
    const asked = readJws(bodyOf(request));
    const { signer } = asked;
    if (!("jwk" in signer)) throw malformed("受保护头应有 jwk。", "The protected header must have a jwk.");
    const said = readPayload(NewAccount, await this.#verified(request, asked, signer.jwk));
    const known = await this.#acme.accountWith(signer.jwk);
    if (!known && said.onlyReturnExisting) await this.#acme.accountNamed(""); // says that there is none
    const account =
      known ??
      (await this.#acme.openAccount(signer.jwk, {
        ...{ binding: said.externalAccountBinding, contacts: said.contact ?? [], url: asked.url },
      }));
    reply.code(known ? 200 : 201).header("location", this.#url("account", account.id));
    return this.#fresh(reply).send(this.#accountObject(account));
  }

  async #account({ account, payload }: Signed, id: string) {
    if (id !== account.id) throw unknown();
    if (payload.length === 0) return this.#accountObject(account);
    const change = readPayload(AccountChange, payload);
    await this.#acme.changeAccount(account, change);
    return this.#accountObject({
      ...account,
      ...(change.contact && { contacts: change.contact }),
      ...(change.status && { status: change.status }),
    });
  }

  #accountObject({ id, status, contacts }: AccountRow) {
    return { status, contact: contacts, orders: `${this.#url("account", id)}/orders` };
  }

  async #orders({ account, payload }: Signed, id: string) {
    readNothing(payload);
    if (id !== account.id) throw unknown();
    return { orders: (await this.#acme.orders(account)).map((order) => this.#url("order", order)) };
  }

  async #keyChange({ account, payload, request, kid }: Signed) {
    const inner: unknown = jsonOf(Buffer.from(payload).toString("utf8"));
    await this.#acme.changeKey(account, inner, { url: request.url, kid }).catch((error: unknown) => {
      throw error instanceof AcmeProblem && error.location !== undefined
        ? new AcmeProblem(error.type, error.detail, { status: 409, location: this.#url("account", error.location) })
        : error;
    });
    return {};
  }

  async #newOrder({ account, payload }: Signed, reply: FastifyReply) {
    const order = await this.#acme.order(account, readPayload(NewOrder, payload));
    reply.code(201).header("location", this.#url("order", order.id));
    return this.#order(order, reply);
  }

  async #finalize({ account, payload }: Signed, reply: FastifyReply, id: string) {
    const { csr } = readPayload(Finalization, payload);
    const order = await this.#acme.finalize(account, await this.#acme.orderNamed(account, id), csr);
    reply.header("location", this.#url("order", order.id));
    return this.#order(order, reply);
  }

  async #order(order: OrderRow, reply: FastifyReply) {
    if (order.status === "processing") reply.header("retry-after", RETRY_AFTER_SECONDS);
    const authorizations = await this.#acme.authorizationsOf(order);
    const problem = authorizations.find((one) => one.problem !== null)?.problem;
    return {
      status: order.status,
      expires: order.expiresAt,
      identifiers: order.hosts.map((value) => ({ type: "dns", value })),
      authorizations: authorizations.map(({ id }) => this.#url("authorization", id)),
      finalize: `${this.#url("order", order.id)}/finalize`,
      ...(order.status === "valid" && { certificate: this.#url("certificate", order.id) }),
      ...(problem && { error: problem }),
    };
  }

  async #authorization({ account, payload }: Signed, id: string) {
    const found = await this.#acme.authorization(account, id);
    if (payload.length === 0) return this.#authorizationObject(found);
    readPayload(AuthorizationChange, payload);
    return this.#authorizationObject(await this.#acme.deactivateAuthorization(account, found));
  }

  #authorizationObject(found: Authorization) {
    return {
      status: found.status,
      expires: found.expiresAt,
      identifier: { type: "dns", value: found.host },
      challenges: [this.#challengeObject(found)],
    };
  }

  async #challenge({ account, payload }: Signed, reply: FastifyReply, id: string) {
    let found = await this.#acme.authorization(account, id);
    if (payload.length > 0) {
      readPayload(ChallengeResponse, payload);
      if (this.#proofs >= PROOFS_AT_ONCE_MAX) throw busy();
      this.#proofs += 1;
      try {
        found = await this.#acme.prove(account, found);
      } finally {
        this.#proofs -= 1;
      }
    }
    reply.header("link", `<${this.#url("authorization", id)}>;rel="up"`);
    return this.#challengeObject(found);
  }

  #challengeObject({ id, token, status, validatedAt, problem }: AuthorizationRow) {
    return {
      type: "http-01",
      url: this.#url("challenge", id),
      token,
      status: status === "deactivated" ? "invalid" : status,
      ...(validatedAt !== null && { validated: validatedAt }),
      ...(problem && { error: problem }),
    };
  }

  async #certificate({ account, payload }: Signed, reply: FastifyReply, id: string) {
    readNothing(payload);
    const { chain } = await this.#acme.orderNamed(account, id);
    if (chain === null) throw unknown();
    reply.type(CHAIN);
    return chain;
  }

  async #revoke(request: FastifyRequest, reply: FastifyReply) {
    const asked = readJws(bodyOf(request));
    const { signer } = asked;
    if ("jwk" in signer) {
      const said = readPayload(Revocation, await this.#verified(request, asked, signer.jwk));
      await this.#acme.revoke(said, signer.jwk);
    } else {
      const { account, payload } = await this.#signed(request);
      await this.#acme.revoke(readPayload(Revocation, payload), account);
    }
    return this.#fresh(reply).send();
  }

  /** A request of an account: its signature verified, its nonce used up. @throws {AcmeProblem} */
  async #signed(request: FastifyRequest): Promise<Signed> {
    const asked = readJws(bodyOf(request));
    if (!("kid" in asked.signer)) throw malformed("受保护头应有 kid。", "The protected header must have a kid.");
    const { kid } = asked.signer;
    const prefix = this.#url("account", "");
    const account = await this.#acme.accountNamed(kid.startsWith(prefix) ? kid.slice(prefix.length) : "");
    return { request: asked, kid, account, payload: await this.#verified(request, asked, account.jwk) };
  }

  async #verified(request: FastifyRequest, asked: AcmeRequest, jwk: AccountRow["jwk"]): Promise<Uint8Array> {
    if (asked.url !== `${this.#mount.publicUrl}${request.url}`) throw new AcmeProblem("unauthorized", URL_DIFFERS);
    if (asked.nonce === undefined || !this.#nonces.isOurs(asked.nonce)) throw new AcmeProblem("badNonce", NONCE_WRONG);
    const payload = await verifyJws(asked, jwk);
    // Kept only for whoever signed: a stranger fills nothing.
    if (!(await this.#nonces.use(this.#mount.database, asked.nonce))) throw new AcmeProblem("badNonce", NONCE_WRONG);
    return payload;
  }

  fail(error: unknown, request: FastifyRequest, reply: FastifyReply) {
    const problem = error instanceof AcmeProblem ? error : problemFrom(error);
    if (problem.type === "serverInternal")
      request.log.error({ code: (error as { code?: unknown }).code, name: (error as Error).name }, "acme");
    if (problem.location !== undefined) reply.header("location", problem.location);
    if (problem.type === "rateLimited") reply.header("retry-after", RETRY_AFTER_SECONDS);
    const language: Language = /^zh/i.test(request.headers["accept-language"] ?? "") ? "zh" : "en";
    return this.#fresh(reply)
      .code(problem.status)
      .type(PROBLEM)
      .send(JSON.stringify(problem.document(language)));
  }

  #fresh(reply: FastifyReply): FastifyReply {
    return reply.header("replay-nonce", this.#nonces.make());
  }

  #url(...parts: readonly string[]): string {
    return `${this.#mount.publicUrl}${ACME_PATH}/${parts.join("/")}`;
  }
}

const URL_DIFFERS = text(
  "请求签名中的地址与所到的地址不一致。",
  "The address in the signed header is not the one that the request came to.",
);
const NONCE_WRONG = text(
  "一次性随机数无效、过期或者已经用过，请用新的重试。",
  "The nonce is unknown, too old or was used: try again with the one in this answer.",
);

function busy(): AcmeProblem {
  return new AcmeProblem(
    "rateLimited",
    text("正在验证的域名太多，请稍后再试。", "Too many names are being proved: try again soon."),
  );
}

/** What the HTTP layer threw: a body that is too long or of another type is the client's, all else is ours. */
function problemFrom(error: unknown): AcmeProblem {
  const status = (error as { readonly statusCode?: unknown }).statusCode;
  return typeof status === "number" && status >= 400 && status < 500
    ? new AcmeProblem("malformed", text("请求格式有误或者过长。", "The request is malformed or too long."), { status })
    : new AcmeProblem(
        "serverInternal",
        text(
          "服务器出错，请稍后重试；已完成的步骤不会丢失。",
          "Something failed here: try again later. Steps that were done are kept.",
        ),
      );
}

function bodyOf(request: FastifyRequest): unknown {
  return typeof request.body === "string" ? jsonOf(request.body) : undefined;
}

function jsonOf(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** RFC 8555 §6.3: what is only read is asked for with an empty payload. */
function readNothing(payload: Uint8Array): void {
  if (payload.length > 0) throw malformed("读取请求的内容应为空。", "A request that only reads has an empty payload.");
}
