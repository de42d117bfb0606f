import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import type { Logger } from "pino";
import { Fault } from "#kernel/errors/fault";
import type { CertificateStanding, NodeKeys } from "#kernel/ports";
import type { Kernel } from "#kernel/system/kernel";
import { readPem } from "#lib/asn1/pem";
import { sha256Hex } from "#lib/crypto/digest";
import { type Text, text } from "#lib/language/text";
import { readX509 } from "#lib/x509/certificate";
import { askProvider } from "../infrastructure/exchange/xroad/ask-provider.ts";
import { type OpenEdge, openEdge } from "../infrastructure/exchange/xroad/edge.ts";
import {
  EDGE_POLICIES,
  putRegistrationsInForce,
  watchRegistrations,
} from "../infrastructure/exchange/xroad/in-force.ts";
import { provideEdgePorts } from "../infrastructure/exchange/xroad/ports.ts";
import type { OwnCertificate, ProviderLinks } from "../infrastructure/exchange/xroad/provider-links.ts";
import { selfSigned } from "../infrastructure/trust/keys/self-signed.ts";
import { grantedCalls } from "./catalogue.ts";
import type { EdgeConfiguration } from "./edge-configuration.ts";

/** The X-Road instance that a government is where nobody says otherwise. */
export const DEFAULT_INSTANCE = "ZT";
/** What a node is called that belongs to no directory. */
const ALONE = "local";

/** How providers are reached, of nodes whose edge is open. */
const openLinks = new WeakMap<Kernel, ProviderLinks>();

/** Lets rooms ask providers through an open edge. */
export function openToRooms(kernel: Kernel, { links }: Pick<OpenEdge, "links">): void {
  openLinks.set(kernel, links);
}

/** Joins the edge to the contracts that it offers and the access that its rights become. A node without that room has no edge. */
export async function connectEdge(kernel: Kernel, instance: string): Promise<void> {
  const { access, database, elsewhere } = kernel;
  if (!kernel.systems.has("exchange")) {
    await access.replace(database, EDGE_POLICIES, []);
    return;
  }
  const self = elsewhere?.routes.self ?? ALONE;
  provideEdgePorts(database, {
    access,
    contracts: [...kernel.systems.values()].map(({ contract }) => contract),
    keeperOf: kernel.authorityOf,
    instance,
    self,
    grantedCalls: (now) => grantedCalls(kernel, self, now),
    askProvider: (asked) => askProvider(kernel, openLinks.get(kernel), asked),
    isElsewhere: (room) => elsewhere !== undefined && elsewhere.routes.hostOf(room, undefined).kind !== "here",
  });
  await putRegistrationsInForce(database, kernel.now());
}

/** Sees what other processes on the same database decide; gives what stops it. */
export function watchEdge(kernel: Kernel, onFault: (fault: unknown) => void): Promise<() => Promise<void>> {
  if (!kernel.systems.has("exchange")) return Promise.resolve(async () => undefined);
  return watchRegistrations({ database: kernel.database, now: kernel.now, onFault });
}

/** The edge of a running node. */
export interface NodeEdge extends OpenEdge {
  readonly host: string;
  /** SHA-256 of its certificate, lower-case hexadecimal, by which systems know it. */
  readonly fingerprint: string;
}

/** Where the certificate lies that the node made for its edge. */
export const EDGE_CERTIFICATE_FILE = "edge.crt";
/** A certificate of our own is made anew so long before it ends. */
const RENEW_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Opens the edge, where one is configured, with the operator's certificate, or with one that the node signs itself and writes into its data folder, for systems
 * to be given.
 * @throws ERR_EDGE_CERTIFICATE
 */
export async function openNodeEdge(
  kernel: Kernel,
  configuration: EdgeConfiguration | undefined,
  place: {
    readonly dataFolder: string;
    readonly nodeKeys: NodeKeys;
    /** Of the certificate of its connections to other nodes, which are of the same key, PEM; undefined where it belongs to no directory. */
    readonly chain: string | undefined;
    readonly standing: CertificateStanding;
    readonly log: Logger;
    readonly report: (progress: Text) => void;
    readonly closings: (() => Promise<void>)[];
  },
): Promise<NodeEdge | undefined> {
  if (configuration === undefined) return undefined;
  const own = await ownCertificate(kernel, configuration, place);
  const { host, port } = configuration;
  const edge = await openEdge({
    ...{ kernel, own, host, port, standing: place.standing },
    onFault: (fault, request) => place.log.error({ code: (fault as { code?: unknown }).code, request }, "edge"),
  });
  openToRooms(kernel, edge);
  place.closings.push(() => edge.close());
  const address = `https://${configuration.name}:${edge.port}`;
  place.report(text(`外部系统接入：${address}`, `Edge for other systems: ${address}`));
  return { ...edge, host, fingerprint: sha256Hex(readPem(own.certificate)[0]?.der ?? new Uint8Array()) };
}

async function ownCertificate(
  kernel: Kernel,
  { files, name }: EdgeConfiguration,
  {
    dataFolder,
    nodeKeys,
    chain,
  }: { readonly dataFolder: string; readonly nodeKeys: NodeKeys; readonly chain: string | undefined },
): Promise<OwnCertificate> {
  try {
    if (files) {
      const [certificate, key] = await Promise.all([readFile(files.certificate, "utf8"), readFile(files.key, "utf8")]);
      createSecureContext({ cert: certificate, key });
      return { certificate, key };
    }
    const { privateKey: key } = await nodeKeys.tlsKey(chain);
    const path = join(dataFolder, EDGE_CERTIFICATE_FILE);
    const kept = await readFile(path, "utf8").catch(() => undefined);
    if (kept !== undefined && isUsable(kept, key, Date.parse(kernel.now()))) return { certificate: kept, key };
    const certificate = await selfSigned({ privateKey: key, host: name, at: kernel.now() });
    await writeFile(path, certificate);
    return { certificate, key };
  } catch (cause) {
    throw new Fault("ERR_EDGE_CERTIFICATE", { cause });
  }
}

function isUsable(certificate: string, key: string, nowMs: number): boolean {
  try {
    createSecureContext({ cert: certificate, key });
    const { notAfterMs } = readX509(readPem(certificate)[0]?.der ?? new Uint8Array());
    return notAfterMs - RENEW_DAYS * DAY_MS > nowMs;
  } catch {
    return false;
  }
}
