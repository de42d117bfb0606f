/** The kernel's ports `Signer`, `CheckpointSigner` and `KeyMaterial`, kept by this room. */
import { createHash } from "node:crypto";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import type { Database } from "#kernel/database/sql";
import { writeDetachedSeal } from "#kernel/documents/detached-seal";
import { ecdsaPair } from "#kernel/documents/ecdsa";
import { sealPdf } from "#kernel/documents/pdf-seal";
import { assert, Fault } from "#kernel/errors/fault";
import type { CheckpointSigner, KeyMaterial, NodeKeys, Signer } from "#kernel/ports";
import type { Front } from "#kernel/system/context";
import { DerError } from "#lib/asn1/der";
import { INTERNATIONAL_CHOICE, type SuiteChoice } from "#lib/crypto/purposes";
import { JWS_SM2, writeJws } from "#lib/jws/jws";
import type { Text } from "#lib/language/text";
import type { TokenSigner } from "#lib/sd-jwt/issue";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { toPem } from "./certificates/authority-files.ts";
import { type Authority, type Hierarchy, openHierarchy } from "./certificates/hierarchy.ts";
import { provideIssuing } from "./certificates/issuing-port.ts";
import { type CertificateSuite, PURPOSE_TITLES } from "./certificates/purposes.ts";
import type { trust } from "./contract.ts";
import "./faults.ts";
import type { KeyEvent } from "./key-event.ts";
import { type OpenDataKeys, openDataKeys } from "./keys/data-keys.ts";
import { type FileKeysOptions, openFileKeys } from "./keys/file-key-store.ts";
import type { FollowedNodeKey } from "./keys/followed-node-key.ts";
import { type HeldKey, heldKeys } from "./keys/held-keys.ts";
import { openNodeKeys } from "./keys/membership-keys.ts";
import type { Passphrase } from "./keys/node-key.ts";
import { compromisedKeys } from "./keys/signing-key-rows.ts";
import { boundedFetch } from "./relying/bounded-fetch.ts";
import { RelyingParty } from "./relying/relying-party.ts";
import { type OutsideSeal, OutsideSeals } from "./seal-service/outside-seals.ts";
import type { SealServiceSettings } from "./seal-service/settings.ts";
import { type CertificateRecords, type CertifiedKey, CertifiedKeys, type Wanted } from "./signatures/certified-keys.ts";
import { detachedSealKeys, jwsSigner } from "./signatures/detached-seals.ts";
import { logName } from "./signatures/log-name.ts";
import { LongTermEvidence } from "./signatures/long-term.ts";
import { openLogSigner } from "./signatures/note-signer.ts";
import { type TokenKey, tokenKeys } from "./signatures/token-keys.ts";
import type { StatusLinks } from "./status/answers.ts";

/** RFC 5280 appendix A: ub-common-name. */
const MAX_NAME_CHARACTERS = 64;
/** Others' certificates, keys and stamps are bigger than ours. */
const OUTSIDE_ROOM_BYTES = 32_768;

export interface TrustOptions {
  /** The key folder of the node. */
  readonly folder: string;
  /** Whose node it is: `清源县（演示）`. */
  readonly operator: string;
  /** ISO 8601, UTC: from when root and issuer are valid, if they are made now. */
  readonly at: string;
  /** The name of the ledger, schemaless: `services.qingyuan.example/ledger`. Default: one that the node chooses once. */
  readonly origin?: string;
  /** Opens the node's key, where one is set up. */
  readonly passphrase?: Passphrase;
  /** A PKCS #11 token that holds the keys; the passphrase is its PIN. */
  readonly token?: NonNullable<FileKeysOptions["token"]>;
  /** Whether all that the node holds is invented: decides what is said of how keys are kept. Default yes. */
  readonly demonstration?: boolean;
  /** Which suites of algorithms the node uses; international alone where absent. */
  readonly suites?: SuiteChoice;
  /** Migrated. Where absent, everything is sealed with a key that follows from the node's key: for tests and for what seals nothing. */
  readonly database?: Database;
  /** Where another authority stamps times (RFC 3161 over HTTP); absent: this node stamps by itself. */
  readonly stampUrl?: string | undefined;
  /** Whose seals another body keeps, and where. */
  readonly sealService?: SealServiceSettings | undefined;
  /** Where others reach this node: certificates point there for their status. */
  readonly publicUrl?: string;
}

/** What signing needs of the rest of the node. Keys are open before there is a database, so this comes later. */
export interface TrustLinks {
  /** How an authority is named on its seal; undefined where nobody knows it. */
  readonly authorityName: (id: string) => Promise<string | undefined>;
  /** Seals say 样本. */
  readonly demonstration: boolean;
  /** The register of certificates. Without it nothing is ever revoked. */
  readonly records?: CertificateRecords;
  /** Asked for the evidence that goes with seals. Without it they verify only as long as their certificates last. */
  readonly status?: Omit<StatusLinks, "trust">;
  /** The proof that a certificate's issuance is in the ledger, to go along with a seal (`status/proofs.ts`). Without it seals carry none. */
  readonly issuance?: (certificate: Uint8Array) => Promise<Uint8Array | undefined>;
  /** What the directory says of other nodes' certificates. Without it this node's own roots count alone. */
  readonly directory?: {
    /** Roots (DER) that it names. */
    readonly roots: () => readonly Uint8Array[];
    /** Whether an address may be asked about status: a node's of the directory. */
    readonly mayAsk: (address: URL) => boolean;
  };
  /** Told of each use of a key before its signature leaves: `(event) => ledger.append(database, [keyEntry(event)])`. */
  readonly onKeyEvent?: (event: KeyEvent) => Promise<unknown>;
}

/** Signs credentials in an authority's name. */
export interface CredentialSigners {
  credentialSigner(request: {
    readonly authority: string;
    readonly seal: "licensing" | "authority";
    readonly reason: string;
    /** ISO 8601, UTC. */
    readonly at: string;
  }): Promise<TokenSigner>;
}

export interface OpenTrust extends CredentialSigners {
  readonly signer: Signer;
  readonly checkpointSigner: CheckpointSigner;
  /** Made at the first need: a node that belongs to no directory has none. */
  readonly nodeKeys: NodeKeys;
  readonly keys: KeyMaterial;
  /** The register of the keys that seal; absent without a database. */
  readonly dataKeys?: OpenDataKeys;
  /** The keys that the node holds in its own name, as they are now; makes none. */
  heldKeys(at: string): Promise<readonly HeldKey[]>;
  /** The node's key, which another process may renew. */
  readonly nodeKey: FollowedNodeKey;
  /** The node's choice, for what signs and certifies: `suitesFor(purpose, trust.suites)`. */
  readonly suites: SuiteChoice;
  readonly hierarchy: Hierarchy;
  /** The key with which the node answers for an authority's certificates, made at the first need. */
  statusKey(authority: Authority, at: string): Promise<CertifiedKey>;
  /** The key with which it stamps times; of the international suite where it has no authority for stamps in the other. */
  stampKey(suite: CertificateSuite, at: string): Promise<CertifiedKey>;
  /** Told of each stamp before it leaves. */
  tellStamped(stamp: { readonly serial: string; readonly digest: string; readonly at: string }): Promise<void>;
  /** Keys that sign tokens of sign-in, the one in use first; none that counts as compromised. */
  tokenKeys(at: string): Promise<readonly TokenKey[]>;
  /** What an operator should know about how keys are kept. */
  readonly warnings: readonly Text[];
  /** Gives it the rest of the node, before the first signature; writes root and issuer into the register. */
  connect(links: TrustLinks): Promise<void>;
}

/** Opens a node's trust, making keys, root and issuer on first use. */
export async function openTrust(options: TrustOptions): Promise<OpenTrust> {
  const { folder, operator } = options;
  const { store, secrets, nodeKey } = await openFileKeys(folder, options);
  const suites = options.suites ?? INTERNATIONAL_CHOICE;
  const hierarchy = await openHierarchy({
    ...{ keys: store, folder, operator, at: Temporal.Instant.from(options.at) },
    ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
    ...(options.suites !== undefined && { suites: options.suites }),
  });
  const relying = new RelyingParty();
  const outside =
    options.stampUrl === undefined ? undefined : { url: options.stampUrl, roots: hierarchy.roots, relying };
  const masterKey = secrets.staying;
  const dataKeys =
    options.database &&
    (await openDataKeys({
      ...{ database: options.database, secrets, suites, at: Temporal.Now.instant().toString() },
      follow: () => nodeKey.follow(),
    }));
  const outsideSeals =
    options.sealService &&
    new OutsideSeals(options.sealService, {
      relying,
      roots: (suite) => (suite === "national" ? hierarchy.roots : hierarchy.documentRoots),
    });
  const signing = new Signing(
    { hierarchy, suites, outsideSeals },
    (links) => new CertifiedKeys({ store, hierarchy, folder, ...links }),
  );
  const compromised = async () => (options.database ? await compromisedKeys(options.database) : new Set<string>());
  const opened: OpenTrust = {
    signer: openSigner(signing),
    checkpointSigner: await openLogSigner(
      store,
      options.origin ?? (await logName(store, folder, hierarchy.root)),
      suites,
    ),
    nodeKeys: openNodeKeys({
      ...{ store, folder, secrets, nodeKey, suites, compromised },
      sealRoots: () => hierarchy.sealRoots,
    }),
    keys: dataKeys?.material ?? { masterKey: () => masterKey },
    ...(dataKeys && { dataKeys }),
    heldKeys: (at) => heldKeys({ store, folder, secrets, nodeKey, hierarchy }, Temporal.Instant.from(at)),
    nodeKey,
    suites,
    hierarchy,
    statusKey: (authority, at) => signing.keys.key(statusWanted(authority, operator), Temporal.Instant.from(at)),
    stampKey: (suite, at) => signing.keys.key(stampWanted(hierarchy, { suite, operator }), Temporal.Instant.from(at)),
    tellStamped: (stamp) => signing.tell({ what: "time-stamped", holder: { kind: "node", id: "stamp" }, ...stamp }),
    tokenKeys: async (at) => tokenKeys(store, Temporal.Instant.from(at), await compromised()),
    warnings: [store.warning, await outsideSeals?.warning()].filter((one) => one !== undefined),
    credentialSigner: (request) => credentialSigner(signing, request),
    async connect(links) {
      signing.connect(
        links,
        links.status && new LongTermEvidence({ ...links.status, trust: opened, outside, issuance: links.issuance }),
      );
      const { directory } = links;
      const amongNodes = new RelyingParty(async (url, asked) =>
        directory?.mayAsk(new URL(url)) === true ? boundedFetch(url, asked) : undefined,
      );
      provideIssuing({
        issue: (request) => hierarchy.issue(request),
        chainOf: (certificate) => hierarchy.chainOf(certificate),
        suitesOf: (purpose) => hierarchy.suitesOf(purpose),
        judge: (holder, question) => relying.judge(holder, { ...question, roots: hierarchy.roots.map(readX509) }),
        judgeListed: (holder, question) =>
          amongNodes.judge(holder, { ...question, roots: (directory?.roots() ?? []).flatMap(readable) }),
      });
      const held = { use: "none", subjectId: "" } as const;
      for (const { name, certificate } of hierarchy.authorities) {
        const subjectKind = name.startsWith("root") ? "root" : "issuer";
        if ((await links.records?.standing(certificate.serial)) !== "unknown") continue;
        await links.records?.add({ pem: toPem(certificate.der), subjectKind, ...held });
      }
    },
  };
  return opened;
}

/** Keys and what they are connected to. */
class Signing {
  readonly hierarchy: Hierarchy;
  readonly #makeKeys: (links: TrustLinks) => CertifiedKeys;
  #connected:
    | { readonly links: TrustLinks; readonly keys: CertifiedKeys; readonly longTerm: LongTermEvidence | undefined }
    | undefined;

  readonly suites: SuiteChoice;
  readonly outsideSeals: OutsideSeals | undefined;

  constructor(
    { hierarchy, suites, outsideSeals }: Pick<Signing, "hierarchy" | "suites" | "outsideSeals">,
    makeKeys: (links: TrustLinks) => CertifiedKeys,
  ) {
    this.hierarchy = hierarchy;
    this.suites = suites;
    this.outsideSeals = outsideSeals;
    this.#makeKeys = makeKeys;
  }

  connect(links: TrustLinks, longTerm: LongTermEvidence | undefined): void {
    assert(this.#connected === undefined, "trust is connected once");
    this.#connected = { links, keys: this.#makeKeys(links), longTerm };
  }

  get links(): TrustLinks {
    return this.#open().links;
  }

  get keys(): CertifiedKeys {
    return this.#open().keys;
  }

  get longTerm(): LongTermEvidence | undefined {
    return this.#open().longTerm;
  }

  async tell(event: KeyEvent): Promise<void> {
    await this.links.onKeyEvent?.(event);
  }

  #open() {
    assert(this.#connected, "trust is connected before anyone signs");
    return this.#connected;
  }
}

function openSigner(signing: Signing): Signer {
  return {
    async sealDocument({ pdf, authority, seal, reason, at }) {
      const instant = Temporal.Instant.from(at);
      const outside = await signing.outsideSeals?.find({ authority, seal, suite: "international" }, instant);
      const key = outside ?? (await sealKey(signing, { authority, seal, at: instant }));
      const { certificate, issuers, sign } = key;
      const signer = { certificate, issuers, sign, algorithm: outside?.algorithm };
      const isBig = outside !== undefined || signing.longTerm?.stampsOutside === true;
      const room = isBig ? { roomBytes: OUTSIDE_ROOM_BYTES } : {};
      const note = { reason, name: key.name, at: instant, ...room };
      const longTerm = "answer" in key ? signing.longTerm?.forOutsideSeal(key) : signing.longTerm?.forSeal(key);
      // Its time stamps are on the record with it: the digest is of the file with them.
      const sealed = await sealPdf(pdf, signer, note, longTerm);
      const holder = { kind: "authority", id: authority } as const;
      await signing.tell({ what: "document-sealed", holder, at, serial: key.serial, reason, digest: digestOf(sealed) });
      return sealed;
    },
    async sealBeside({ document, authority, seal, reason, at }) {
      const { hierarchy, suites } = signing;
      const instant = Temporal.Instant.from(at);
      const outside = await keptBeside(signing, { authority, seal, at: instant });
      const keys =
        outside === undefined
          ? await ownSealKeys(signing, { authority, seal, at: instant })
          : [{ ...outside, algorithm: outside.kind }];
      const longTerm = signing.longTerm;
      const [{ suite = "international" } = {}] = detachedSealKeys(suites);
      const stamps = hierarchy.suitesOf("stamp").includes(suite) ? suite : "international";
      const proofs = await Promise.all(keys.map(({ certificate }) => signing.links.issuance?.(certificate)));
      const issuance = proofs.filter((proof) => proof !== undefined);
      const sealed = await writeDetachedSeal({
        ...{ document, authority, reason, at, signers: keys.map(jwsSigner), issuance },
        ...(longTerm && { stamp: (signed) => longTerm.stampSigned(signed, stamps) }),
      });
      const holder = { kind: "authority", id: authority } as const;
      for (const { serial } of keys)
        await signing.tell({ what: "document-sealed-beside", holder, at, serial, reason, digest: digestOf(document) });
      return sealed;
    },
    async signAs({ signer: { kind, id, name }, type, payload, at }) {
      const holder = { kind, id } as const;
      const subject = { commonName: certificateName(name) || id, serialNumber: id };
      const suite = signing.hierarchy.issuer(kind).suite;
      const wanted = { holder, use: "record", profile: kind, subject, suite } as const;
      const key = await signing.keys.key(wanted, Temporal.Instant.from(at));
      const token = await writeJws(payload, type, {
        algorithm: key.algorithm === "SM2" ? JWS_SM2 : "ES256",
        certificates: [key.certificate, ...key.issuers],
        sign: async (message) => ecdsaPair(await key.sign(message)),
      });
      await signing.tell({ what: "record-signed", holder, at, serial: key.serial, digest: digestOf(payload) });
      return { token, certificatePem: toPem(key.certificate) };
    },
  };
}

async function credentialSigner(
  signing: Signing,
  request: Parameters<CredentialSigners["credentialSigner"]>[0],
): Promise<TokenSigner> {
  const { authority, seal, reason, at } = request;
  const instant = Temporal.Instant.from(at);
  const outside = await keptForAll(signing, { authority, seal, at: instant });
  const key = outside ?? (await sealKey(signing, { authority, seal, at: instant }));
  const holder = { kind: "authority", id: authority } as const;
  return {
    algorithm: "ES256",
    certificates: [key.certificate, ...key.issuers].map((der) => Buffer.from(der).toString("base64")),
    async sign(message) {
      const signature = await key.sign(message);
      const digest = digestOf(message);
      await signing.tell({ what: "credential-signed", holder, at, serial: key.serial, reason, digest });
      return ecdsaPair(signature);
    },
  };
}

interface SealInTime {
  readonly authority: string;
  readonly seal: "licensing" | "authority";
  readonly at: Temporal.Instant;
}

/** What seals beside documents, kept elsewhere: SM2 where the settings name it. */
async function keptBeside(signing: Signing, seal: SealInTime): Promise<Kept<"ES256" | "SM2"> | undefined> {
  const { at, ...place } = seal;
  const found = await signing.outsideSeals?.find({ ...place, suite: "national" }, at);
  return found?.kind === "SM2" ? { ...found, kind: found.kind } : await keptForAll(signing, seal);
}

type Kept<Kind extends OutsideSeal["kind"]> = OutsideSeal & { readonly kind: Kind };

/** A seal kept elsewhere whose key signs more than PDF: what is JWS or SD-JWT has no RSA here, and is sealed by the node's own key then. */
async function keptForAll({ outsideSeals }: Signing, { at, ...seal }: SealInTime): Promise<Kept<"ES256"> | undefined> {
  const found = await outsideSeals?.find({ ...seal, suite: "international" }, at);
  return found?.kind === "ES256" ? { ...found, kind: found.kind } : undefined;
}

async function ownSealKeys(signing: Signing, { at, ...seal }: SealInTime) {
  const wanted = await sealWanted(signing, seal);
  return Promise.all(detachedSealKeys(signing.suites).map((one) => signing.keys.keyBeside({ ...wanted, ...one }, at)));
}

/** The key of an authority's seal. @throws {Fault} ERR_TRUST_NO_SEAL for an authority that nobody knows */
async function sealKey(signing: Signing, seal: SealInTime): Promise<CertifiedKey> {
  // What is sealed so is PDF and SD-JWT, which are read by programs that know no SM2.
  return signing.keys.key({ ...(await sealWanted(signing, seal)), suite: "international" }, seal.at);
}

async function sealWanted(
  { links }: Signing,
  seal: { readonly authority: string; readonly seal: "licensing" | "authority" },
): Promise<Omit<Wanted, "suite">> {
  const name = await links.authorityName(seal.authority);
  if (name === undefined) throw new Fault("ERR_TRUST_NO_SEAL", { message: seal.authority });
  const use = seal.seal === "licensing" ? "行政许可专用章" : "";
  return {
    holder: { kind: "authority", id: seal.authority },
    use: seal.seal,
    profile: "seal",
    subject: {
      commonName: certificateName(`${name}${use}${links.demonstration ? "（样本）" : ""}`),
      organization: certificateName(name),
      serialNumber: seal.authority,
    },
  };
}

/** Whoever is asked about an authority's certificates answers with a key that this authority certified. */
function statusWanted(authority: Authority, operator: string): Wanted {
  const { name, suite, purpose } = authority;
  // Of the authority that nodes had for all purposes, the key has its label from then.
  const id = name === "issuer" ? "status" : `status-${name}`;
  const about = purpose === undefined ? "" : ` (${PURPOSE_TITLES[purpose].en})`;
  return {
    holder: { kind: "node", id },
    use: "none",
    profile: { answersFor: authority },
    subject: {
      commonName: certificateName(`${operator} Certificate Status${about}`),
      organization: certificateName(operator),
    },
    suite,
  };
}

function stampWanted(
  hierarchy: Hierarchy,
  { suite, operator }: { readonly suite: CertificateSuite; readonly operator: string },
): Wanted {
  return {
    holder: { kind: "node", id: "stamp" },
    use: "none",
    profile: "stamp",
    subject: { commonName: certificateName(`${operator} Time Stamps`), organization: certificateName(operator) },
    suite: hierarchy.suitesOf("stamp").includes(suite) ? suite : "international",
  };
}

/** What another node publishes may be no certificate. */
function readable(der: Uint8Array): readonly X509Certificate[] {
  try {
    return [readX509(der)];
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}

/** A name as a certificate can hold it. */
function certificateName(name: string): string {
  return [...name.trim()].slice(0, MAX_NAME_CHARACTERS).join("");
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * The register of certificates as signing needs it, through this room's own operations.
 * @param front this room's operations, asked as the node
 * @throws {Fault} ERR_TRUST_SILENT when the register does not answer: nobody signs with a certificate that may be revoked
 */
export function certificateRecords(
  front: Pick<Front<typeof trust>, "recordCertificate" | "findCertificate">,
): CertificateRecords {
  return {
    async add(certificate) {
      const answer = await front.recordCertificate(certificate);
      // Another process was faster: it stands in the register, which is what was wanted.
      if (isRefusal(answer) && answer.code !== "recorded-meanwhile") throw silent(answer);
    },
    async standing(serial) {
      const answer = await front.findCertificate({ serial });
      if (isRefusal(answer)) {
        if (answer.code === "not-found") return "unknown";
        throw silent(answer);
      }
      if (answer.status === "valid") return "valid";
      // Of a suspended one nobody knows yet whether it ends: until then there is no other.
      return answer.reason === "cessation" || answer.reason === "suspended" ? "ceased" : "replaced";
    },
  };
}

function silent(refusal: Refusal): Fault {
  return new Fault("ERR_TRUST_SILENT", { message: refusal.code });
}
