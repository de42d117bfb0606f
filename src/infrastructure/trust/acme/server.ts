/** What the protocol does (RFC 8555), apart from how its requests arrive. */
import { randomBytes } from "node:crypto";
import type { trust } from "#infrastructure/trust";
import { isRefusal } from "#kernel/contract/refusal";
import type { Database } from "#kernel/database/sql";
import { randomOpaqueUuid } from "#kernel/random";
import type { Front } from "#kernel/system/context";
import { writePem } from "#lib/asn1/pem";
import { isHostName } from "#lib/certificate/extensions";
import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { isUuid } from "#lib/crypto/uuid";
import { type Text, text } from "#lib/language/text";
import { proveByHttp } from "./http-challenge.ts";
import { type PublicJwk, readJws, thumbprintOf, verifyJws } from "./jws.ts";
import { certificateOf, fits, isKeyOf, namesIn, printable, requestOf } from "./names.ts";
import { type AccountChange, KeyChange, type NewOrder, type Revocation, readPayload } from "./payloads.ts";
import { AcmeProblem, malformed, unknown } from "./problem.ts";
import {
  type AccountRow,
  type AuthorizationRow,
  accountById,
  accountByThumbprint,
  authorizationOf,
  authorizationsOf,
  claimOrder,
  endAuthorization,
  fulfilOrder,
  insertOrder,
  type OrderRow,
  orderedBy,
  orderIds,
  orderOf,
  ordersSince,
  releaseOrder,
} from "./rows.ts";

/** An order that is not finished by then is over. */
export const ORDER_LIFE_MS = 24 * 60 * 60 * 1000;
/** Orders that one account may make in an hour. */
export const ORDERS_PER_HOUR_MAX = 60;
const HOUR_MS = 60 * 60 * 1000;
/** Orders that an account is told of; it sees each where it made it, so that older ones need no list. */
const ORDERS_LISTED = 100;
const TOKEN_BYTES = 32;

export interface AcmeLinks {
  readonly database: Database;
  /** The room's operations, asked as the node; `key` makes a command take effect once. */
  readonly front: (
    key?: string,
  ) => Pick<
    Front<typeof trust>,
    "acmeNames" | "openAcmeAccount" | "changeAcmeAccount" | "issueNodeCertificate" | "revokeAsHolder"
  >;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Where names prove themselves; 80 but in tests. */
  readonly challengePort: number;
}

export type Authorization = AuthorizationRow & { readonly expiresAt: string };

export class AcmeServer {
  readonly #links: AcmeLinks;

  constructor(links: AcmeLinks) {
    this.#links = links;
  }

  /** The account of this key. @throws {AcmeProblem} */
  async accountWith(jwk: PublicJwk): Promise<AccountRow | undefined> {
    const account = await accountByThumbprint(this.#links.database, await thumbprintOf(jwk));
    return account && inUse(account);
  }

  /** The account of this id. @throws {AcmeProblem} */
  async accountNamed(id: string): Promise<AccountRow> {
    const account = isUuid(id) ? await accountById(this.#links.database, id) : undefined;
    if (account) return inUse(account);
    throw new AcmeProblem("accountDoesNotExist", text("没有这个账户。", "There is no such account."));
  }

  async openAccount(
    jwk: PublicJwk,
    asked: { readonly binding: unknown; readonly contacts: readonly string[]; readonly url: string },
  ): Promise<AccountRow> {
    if (asked.binding === undefined)
      throw new AcmeProblem(
        "externalAccountRequired",
        text(
          "开立账户需要绑定密钥。请向签发机构的管理员领取。",
          "An account needs a binding key. Ask the administrators of this authority for one.",
        ),
      );
    const opened = await this.#links.front().openAcmeAccount({
      ...{ binding: JSON.stringify(asked.binding), url: asked.url, contacts: [...asked.contacts] },
      ...{ jwk: JSON.stringify(jwk), thumbprint: await thumbprintOf(jwk) },
    });
    const account = await this.accountWith(jwk);
    if (account) return account; // also where the same client asked twice at the same moment
    throw isRefusal(opened) ? problemOf("unauthorized", opened) : unknown();
  }

  async changeAccount(account: AccountRow, { contact, status }: AccountChange): Promise<void> {
    if (contact === undefined && status === undefined) return;
    const changed = await this.#links.front().changeAcmeAccount({
      account: account.id,
      ...(contact && { contacts: contact }),
      ...(status === "deactivated" && { deactivate: true }),
    });
    if (isRefusal(changed)) throw problemOf("unauthorized", changed);
  }

  /** RFC 8555 §7.3.5: the new key signs that it takes over, the old one sends it. */
  async changeKey(account: AccountRow, inner: unknown, place: { readonly url: string; readonly kid: string }) {
    const request = readJws(inner);
    const { signer } = request;
    if (!("jwk" in signer) || request.url !== place.url || request.nonce !== undefined)
      throw malformed("内层 JWS 的受保护头有误。", "The protected header of the inner JWS is wrong.");
    const said = readPayload(KeyChange, await verifyJws(request, signer.jwk));
    if (said.account !== place.kid || (await thumbprintOf(said.oldKey)) !== account.thumbprint)
      throw malformed("内层 JWS 的内容有误。", "The inner JWS does not say what it should.");
    const thumbprint = await thumbprintOf(signer.jwk);
    const changed = await this.#links.front().changeAcmeAccount({
      account: account.id,
      key: { jwk: JSON.stringify(signer.jwk), thumbprint },
    });
    if (!isRefusal(changed)) return;
    const taken = await accountByThumbprint(this.#links.database, thumbprint);
    throw changed.code === "key-taken" && taken
      ? new AcmeProblem("malformed", changed.text, { status: 409, location: taken.id })
      : problemOf("unauthorized", changed);
  }

  async order(account: AccountRow, { identifiers, notBefore, notAfter }: NewOrder): Promise<OrderRow> {
    if (notBefore !== undefined || notAfter !== undefined)
      throw malformed("有效期由签发机构决定，请不要指定。", "This authority decides how long certificates are valid.");
    const hosts = [...new Set(identifiers.map((identifier) => identifier.value.toLowerCase()))];
    if (identifiers.some(({ type }) => type !== "dns"))
      throw new AcmeProblem("unsupportedIdentifier", text("只支持域名（dns）。", "Only names (dns) are supported."));
    const { front, database, now } = this.#links;
    const allowed = await front().acmeNames({ binding: account.binding });
    if (isRefusal(allowed)) throw problemOf("unauthorized", allowed);
    const strange = hosts.find((host) => !isHostName(host) || !allowed.hosts.some((pattern) => fits(pattern, host)));
    if (strange !== undefined)
      throw new AcmeProblem(
        "rejectedIdentifier",
        text(
          `这个账户不能申请域名 ${printable(strange)}。请由管理员在工作台增加许可。`,
          `This account may not ask for the name ${printable(strange)}. An administrator can permit it in the workbench.`,
        ),
      );
    const at = now();
    const hourAgo = new Date(Date.parse(at) - HOUR_MS).toISOString();
    if ((await ordersSince(database, account.id, hourAgo)) >= ORDERS_PER_HOUR_MAX)
      throw new AcmeProblem(
        "rateLimited",
        text("订单太多，请一小时后再试。", "Too many orders: try again in an hour."),
      );
    const id = randomOpaqueUuid();
    const expiresAt = new Date(Date.parse(at) + ORDER_LIFE_MS).toISOString();
    const authorizations = hosts.map((host) => ({
      ...{ id: randomOpaqueUuid(), host },
      token: toBase64url(randomBytes(TOKEN_BYTES)),
    }));
    await insertOrder(database, { id, account: account.id, at, expiresAt, authorizations });
    return this.orderNamed(account, id);
  }

  /** @throws {AcmeProblem} where this account has no such order */
  async orderNamed(account: AccountRow, id: string): Promise<OrderRow> {
    const about = { id, account: account.id, at: this.#links.now() };
    const order = isUuid(id) ? await orderOf(this.#links.database, about) : undefined;
    if (order === undefined) throw unknown();
    return order;
  }

  orders(account: AccountRow): Promise<readonly string[]> {
    return orderIds(this.#links.database, account.id, ORDERS_LISTED);
  }

  authorizationsOf(order: OrderRow): Promise<readonly AuthorizationRow[]> {
    return authorizationsOf(this.#links.database, order.id);
  }

  /** @throws {AcmeProblem} where this account has no such authorization */
  async authorization(account: AccountRow, id: string): Promise<Authorization> {
    const found = isUuid(id) ? await authorizationOf(this.#links.database, { id, account: account.id }) : undefined;
    if (found === undefined) throw unknown();
    const isOver = found.status === "pending" && Date.parse(found.expiresAt) <= Date.parse(this.#links.now());
    return isOver ? { ...found, status: "invalid" } : found;
  }

  async deactivateAuthorization(account: AccountRow, authorization: Authorization): Promise<Authorization> {
    const { id, order } = authorization;
    await endAuthorization(this.#links.database, { id, order, status: "deactivated", at: this.#links.now() });
    return this.authorization(account, id);
  }

  /** Looks at once whether the name proves itself; one that does not needs a new order (RFC 8555 §8.2). */
  async prove(account: AccountRow, authorization: Authorization): Promise<Authorization> {
    if (authorization.status !== "pending") return authorization;
    const { database, now, challengePort } = this.#links;
    const { id, order, host, token } = authorization;
    let problem: AcmeProblem | undefined;
    try {
      await proveByHttp({ host, token, thumbprint: account.thumbprint }, challengePort);
    } catch (error) {
      if (!(error instanceof AcmeProblem)) throw error;
      problem = error;
    }
    await endAuthorization(database, {
      ...{ id, order, at: now(), status: problem ? ("invalid" as const) : ("valid" as const) },
      ...(problem && { problem: problem.document("zh") }),
    });
    return this.authorization(account, id);
  }

  /** Issues for an order whose names are proved. */
  async finalize(account: AccountRow, order: OrderRow, csr: string): Promise<OrderRow> {
    if (order.status === "valid") return order; // the answer of the first time did not arrive
    const der = fromBase64url(csr);
    const request = der && requestOf(der);
    if (!der || !request) throw new AcmeProblem("badCSR", UNREADABLE);
    const names = namesIn(request);
    if (names.size !== order.hosts.length || order.hosts.some((host) => !names.has(host)))
      throw new AcmeProblem("badCSR", OTHER_NAMES);
    const { database, front, now } = this.#links;
    if (order.status === "pending" || order.status === "invalid" || !(await claimOrder(database, order.id, now())))
      throw new AcmeProblem("orderNotReady", NOT_READY);
    // Whoever died after issuing is followed by one that gets the same certificate.
    const issued = await front(`acme-order/${order.id}`).issueNodeCertificate({
      request: writePem({ label: "CERTIFICATE REQUEST", der }),
      hosts: [...order.hosts],
      holder: account.id,
    });
    if (isRefusal(issued)) {
      await releaseOrder(database, order.id);
      throw problemOf("badCSR", issued);
    }
    await fulfilOrder(database, order.id, issued);
    return this.orderNamed(account, order.id);
  }

  /**
   * Revokes for whoever holds the account that ordered the certificate, or its key.
   * @param by the account, or the key that signed the request
   */
  async revoke({ certificate, reason }: Revocation, by: AccountRow | PublicJwk): Promise<void> {
    const der = fromBase64url(certificate);
    const read = der && certificateOf(der);
    if (!read) throw malformed("证书不可读。", "The certificate cannot be read.");
    const isTheirs =
      "thumbprint" in by ? await orderedBy(this.#links.database, by.id, read.serial) : isKeyOf(by, read.publicKeyInfo);
    if (!isTheirs)
      throw new AcmeProblem(
        "unauthorized",
        text("这张证书不是该账户申请的。", "This account did not order that certificate."),
      );
    const mapped = REASONS[reason ?? 0];
    if (mapped === undefined)
      throw new AcmeProblem("badRevocationReason", text("不支持这种吊销理由。", "This reason is not supported."));
    const revoked = await this.#links.front().revokeAsHolder({ serial: read.serial, reason: mapped });
    if (isRefusal(revoked))
      throw problemOf(revoked.code === "already-revoked" ? "alreadyRevoked" : "malformed", revoked);
  }
}

/** RFC 5280 §5.3.1: unspecified, keyCompromise, superseded, cessationOfOperation. */
const REASONS: Readonly<Record<number, "key-compromise" | "superseded" | "cessation">> = {
  0: "cessation",
  1: "key-compromise",
  4: "superseded",
  5: "cessation",
};
const UNREADABLE = text(
  "证书请求不可读，或者它的签名与其中的公钥不符。可用的密钥：ECDSA P-256。",
  "The request cannot be read, or is not signed with the key in it. Keys are ECDSA P-256.",
);
const OTHER_NAMES = text("证书请求中的域名与订单不一致。", "The names in the request are not those of the order.");
const NOT_READY = text("订单尚未就绪，或者正在签发。", "The order is not ready, or is being issued for.");

function inUse(account: AccountRow): AccountRow {
  if (account.status === "valid") return account;
  throw new AcmeProblem("unauthorized", text("这个账户已停用。", "This account is not in use any more."));
}

function problemOf(type: ConstructorParameters<typeof AcmeProblem>[0], { text: words }: { readonly text: Text }) {
  return new AcmeProblem(type, words);
}
