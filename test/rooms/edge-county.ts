import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { exchange } from "#infrastructure/exchange";
import { trust } from "#infrastructure/trust";
import type { Front } from "#kernel/system/context";
import { readPem } from "#lib/asn1/pem";
import { sha256Hex } from "#lib/crypto/digest";
import { syntheticResidentIdentity } from "#lib/identifiers/resident-identity";
import { population } from "#resources/population";
import { type OpenEdge, openEdge } from "../../src/infrastructure/exchange/xroad/edge.ts";
import { putRegistrationsInForce } from "../../src/infrastructure/exchange/xroad/in-force.ts";
import { newConnectionKey, selfSigned } from "../../src/infrastructure/trust/keys/self-signed.ts";
import { Standing } from "../../src/infrastructure/trust/relying/standing.ts";
import { openToRooms } from "../../src/node/edge.ts";
import { TEST_NOW } from "../../src/node/testing.ts";
import { answered } from "./answers.ts";
import { type Official, type SharingCounty, sharingCounty } from "./sharing-county.ts";

/** A key and the certificate that it signed itself. */
export interface Identity {
  readonly key: string;
  readonly certificate: string;
  readonly fingerprint: string;
}

export async function identity(host = "localhost", at = TEST_NOW): Promise<Identity> {
  const key = newConnectionKey();
  const certificate = await selfSigned({ privateKey: key, host, at });
  return { key, certificate, fingerprint: sha256Hex(readPem(certificate)[0]?.der ?? new Uint8Array()) };
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly raw: readonly string[];
  readonly body: string;
}

/** Asks an HTTPS server as a foreign system would, with its certificate; trusts the server's own certificate alone. */
export async function ask(
  to: { readonly port: number; readonly certificate: string },
  target: string,
  options: {
    readonly as?: Identity;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string | string[]>>;
    readonly body?: string | Uint8Array;
  } = {},
): Promise<Answered> {
  const { as, method = "GET", headers = {}, body } = options;
  const request = httpsRequest({
    ...{
      host: "127.0.0.1",
      servername: "localhost",
      port: to.port,
      path: target,
      method,
      headers,
      ca: to.certificate,
      agent: false,
    },
    ...(as && { key: as.key, cert: as.certificate }),
  });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    raw: response.rawHeaders,
    body: Buffer.concat(parts).toString("utf8"),
  };
}

/** A county with an open edge, one registered system of an enterprise, and the officials who register and decide. */
export interface EdgeCounty extends SharingCounty {
  readonly edge: OpenEdge;
  readonly own: Identity;
  /** The system's own identity and identifier. */
  readonly system: Identity;
  readonly client: string;
  /** At the market regulator: they register the system. */
  readonly registrar: Official;
  readonly decider: Official;
  /** At public security, which keeps `population`. */
  readonly keeperRegistrar: Official;
  readonly keeperDecider: Official;
  /** Someone in the population register. */
  readonly person: string;
  readonly faults: unknown[];
  doors(official: Official): Front<typeof exchange>;
  /** Proposes as one official and decides as another. */
  approve(id: string, decider: Official): Promise<void>;
  /** What the notification brings about in a running node. */
  lookAgain(): Promise<void>;
  /** Issued by this node, as far as its register knows, a certificate is revoked there, or suspended; gives what lifts that. */
  withdraw(certificate: string, reason: "key-compromise" | "suspended"): Promise<() => Promise<void>>;
  call(target: string, options?: Parameters<typeof ask>[2]): Promise<Answered>;
}

const both = (name: string) => ({ zh: name, en: name });
export const COMPANY = "91990101MA0000001X";

export async function edgeCounty(): Promise<EdgeCounty> {
  const county = await sharingCounty();
  const { node, market, publicSecurity } = county;
  const own = await identity();
  const faults: unknown[] = [];
  const trusting = node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
  const standing = new Standing({
    ...{ database: node.kernel.database, front: () => trusting, mayAsk: () => false },
    ...{ now: node.kernel.now, onFault: (fault) => void faults.push(fault) },
  });
  await standing.start();
  const edge = await openEdge({
    ...{ kernel: node.kernel, standing },
    own: { key: own.key, certificate: own.certificate },
    host: "127.0.0.1",
    port: 0,
    onFault: (fault) => void faults.push(fault),
  });
  openToRooms(node.kernel, edge);
  const duties = ["exchange.register", "exchange.decide"] as const;
  const registrar = await county.official(market, ...duties);
  const decider = await county.official(market, ...duties);
  const keeperRegistrar = await county.official(publicSecurity, ...duties);
  const keeperDecider = await county.official(publicSecurity, ...duties);
  const doors = (official: Official) => node.as(exchange, official, { purpose: "administration" });
  const approve = async (id: string, by: Official) => {
    answered(await doors(by).decideRegistration({ id, decision: "approved", reason: "材料齐全" }));
  };
  const lookAgain = () => putRegistrationsInForce(node.kernel.database, node.kernel.now());
  const system = await identity("client.example");
  const proposed = answered(
    await doors(registrar).proposeSystem({
      ...{
        memberClass: "COM",
        memberCode: COMPANY,
        subsystem: "orders",
        name: both("外部订单系统"),
        contact: "0999-990-0100",
      },
      ...{ certificate: system.certificate, perMinute: 6_000, reason: "接入市场监管业务" },
    }),
  );
  await approve(proposed.id, decider);
  await approve(proposed.certificate, decider);
  await lookAgain();
  const birthDate = Temporal.PlainDate.from("1990-02-28");
  const keeping = node.as(
    population,
    { kind: "node", room: "test" },
    { purpose: "register-keeping", legalBasis: [{ law: both("户口登记条例"), article: "第三条" }] },
  );
  const person = answered(
    await keeping.registerPerson({
      ...{
        name: "许昇",
        documentKind: "resident-identity",
        sex: "female",
        birthDate: "1990-02-28",
        nationality: "CHN",
        lifeStatus: "alive",
      },
      ...{
        documentNumber: syntheticResidentIdentity({ division: "0101", birthDate, sequence: 502 }),
        division: "990101",
        address: "桂花巷8号",
      },
      confirmed: true,
    }),
  ).id;
  return {
    ...county,
    ...{
      edge,
      own,
      system,
      client: proposed.client,
      registrar,
      decider,
      keeperRegistrar,
      keeperDecider,
      person,
      faults,
      doors,
      approve,
      lookAgain,
    },
    call: (target, options = {}) =>
      ask({ port: edge.port, certificate: own.certificate }, target, {
        as: system,
        ...options,
        headers: { "X-Road-Client": proposed.client, ...options.headers },
      }),
    async withdraw(pem, reason) {
      const { serial } = answered(
        await trusting.recordCertificate({ pem, subjectKind: "node", subjectId: "system", use: "none" }),
      );
      const administrator = await county.official(publicSecurity, "trust.administer");
      const official = node.as(trust, administrator, { purpose: "administration" });
      answered(await official.revokeCertificate({ serial, reason, explanation: "设备遗失" }));
      await standing.look();
      return async () => {
        answered(await official.reinstateCertificate({ serial, explanation: "已找到" }));
        await standing.look();
      };
    },
    async close() {
      await standing.stop();
      await edge.close();
      await county.close();
    },
  };
}

/** Lets the registered system ask for one person under a case; gives the path. */
export async function openFindPerson(county: EdgeCounty): Promise<string> {
  const service = "ZT/GOV/990101-ga/population/v1";
  const basis = [{ law: both("食品安全法"), article: "第三十五条" }];
  const { id } = answered(
    await county.doors(county.registrar).proposeRight({
      ...{ client: county.client, service, endpoints: ["findPersonForCase"], purpose: "case", legalBasis: basis },
      ...{ until: "2027-11-18T00:00:00.000Z", reason: "办理食品经营许可" },
    }),
  );
  await county.approve(id, county.keeperDecider);
  await county.lookAgain();
  return `/r1/${service}/findPersonForCase`;
}
