import { Exchange } from "../../src/infrastructure/exchange/exchange.ts";
import type { TlsCredentials } from "../../src/infrastructure/exchange/listener.ts";
import { directoryProofs, letterKey } from "../../src/infrastructure/exchange/proofs.ts";
import type { Contract } from "../../src/kernel/contract/contract.ts";
import type { Database } from "../../src/kernel/database/sql.ts";
import type { MessageSigner } from "../../src/kernel/ports.ts";
import { generateEd25519, generateP256, randomBytes } from "../../src/kernel/random.ts";
import type { Elsewhere } from "../../src/kernel/system/elsewhere.ts";
import type { System } from "../../src/kernel/system/system.ts";
import { writePem } from "../../src/lib/asn1/pem.ts";
import { issueX509 } from "../../src/lib/certificate/certificate.ts";
import { dnsNames } from "../../src/lib/certificate/extensions.ts";
import { writeName } from "../../src/lib/certificate/name.ts";
import { toBase64 } from "../../src/lib/crypto/base64url.ts";
import { sha256Hex } from "../../src/lib/crypto/digest.ts";
import { international } from "../../src/lib/crypto/international.ts";
import { pkcs8Of, publicKeyOf, spkiOf } from "../../src/lib/crypto/keys.ts";
import { national } from "../../src/lib/crypto/national.ts";
import { RECIPIENT_SEED_BYTES, type RecipientSecret } from "../../src/lib/crypto/recipient.ts";
import { sm2SpkiOf } from "../../src/lib/crypto/sm2/key-files.ts";
import { generateSm2Key, SM2_GENERATION_BYTES } from "../../src/lib/crypto/sm2/keys.ts";
import type { AuthorityEntry, Hosting, NodeEntry } from "../../src/lib/directory/entries.ts";
import { standInLine } from "../../src/lib/directory/line.ts";
import { authorityOf, documentOf, nodeOf } from "../../src/lib/directory/testing.ts";
import { assemble, type DirectoryView } from "../../src/lib/directory/view.ts";
import { TEST_NOW, type TestNode, testNode } from "../../src/node/testing.ts";

/** What a node shows and signs with. */
export interface Identity {
  readonly tls: TlsCredentials;
  readonly fingerprint: string;
  readonly signer: MessageSigner;
  readonly sealing: RecipientSecret;
  /** As the directory lists them. */
  readonly keys: NodeEntry["signingKeys"];
}

/** Keys and a certificate, made for a test. */
export async function identityOf(
  code: string,
  suite: "international" | "national" = "international",
): Promise<Identity> {
  const key = generateP256();
  const name = writeName({ commonName: code });
  const der = await issueX509(
    {
      serial: randomBytes(8).fill(1, 0, 1),
      algorithm: "ES256",
      issuer: name,
      subject: name,
      notBefore: Temporal.Instant.from("2026-01-01T00:00:00Z"),
      notAfter: Temporal.Instant.from("2056-01-01T00:00:00Z"),
      publicKey: publicKeyOf(key),
      extensions: [dnsNames(["localhost"])],
    },
    (message) => international.sign({ key, message, encoding: "der" }),
  );
  const pem = (label: string, bytes: Uint8Array) => writePem({ label, der: bytes });
  const signer = suite === "national" ? sm2Signer() : ed25519Signer();
  const sealing = { suite, seed: randomBytes(RECIPIENT_SEED_BYTES) };
  return {
    ...{ signer, sealing },
    keys: [{ id: signer.id, suite: signer.suite, publicKey: toBase64(signer.publicKey) }],
    tls: { key: pem("PRIVATE KEY", pkcs8Of(key)), cert: pem("CERTIFICATE", der) },
    fingerprint: sha256Hex(der),
  };
}

function ed25519Signer(): MessageSigner {
  const key = generateEd25519();
  const publicKey = spkiOf(publicKeyOf(key));
  const id = sha256Hex(publicKey).slice(0, 22);
  return { id, suite: "international", publicKey, sign: async (message) => international.sign({ key, message }) };
}

function sm2Signer(): MessageSigner {
  const key = generateSm2Key(randomBytes(SM2_GENERATION_BYTES));
  const publicKey = sm2SpkiOf(key.publicKey);
  const id = sha256Hex(publicKey).slice(0, 22);
  return { id, suite: "national", publicKey, sign: async (message) => national.sign({ key, message }) };
}

/** One of several nodes that know each other. */
export interface ExchangeNode extends TestNode {
  readonly code: string;
  readonly exchange: Exchange;
  readonly identity: Identity;
  readonly port: number;
  readonly faults: unknown[];
}

export interface NodeWanted {
  readonly code: string;
  readonly division: string;
  readonly systems: readonly System[];
  /** Ids of the rooms that the directory gives to this node, for its division. */
  readonly hosts: readonly (string | Contract)[];
  readonly said?: Partial<NodeEntry>;
  /** Authorities of its division, by the number in their ids. */
  readonly authorities?: readonly number[];
  readonly suite?: "international" | "national";
  readonly now?: string;
  readonly callTimeoutMs?: number;
  readonly around?: (sound: Database) => Database;
  readonly authorityOf?: (room: string) => string;
}

export interface NodeOutside {
  readonly outside: NodeEntry;
  readonly hostings: readonly Hosting[];
}

/** Nodes with a database each, and a directory that lists them. */
export class Country {
  readonly nodes = new Map<string, ExchangeNode>();
  readonly #wanted: readonly NodeWanted[];
  #entries: readonly NodeEntry[] = [];
  #views = new Map<string, DirectoryView>();

  /** Rooms that nodes outside of this process keep. */
  #outside: readonly Hosting[] = [];
  #authorities: readonly AuthorityEntry[] = [];

  private constructor(wanted: readonly NodeWanted[]) {
    this.#wanted = wanted;
  }

  /** Nodes of this process, and entries of nodes that run elsewhere. */
  static async open(...all: readonly (NodeWanted | NodeOutside)[]): Promise<Country> {
    const wanted = all.filter((one) => "code" in one);
    const country = new Country(wanted);
    for (const one of all) {
      if ("code" in one) country.nodes.set(one.code, await country.#start(one));
      else country.#addOutside(one);
    }
    country.change((entry) => entry);
    return country;
  }

  /** The code of the node above all others. */
  get #centre(): string | undefined {
    return this.#wanted.find(({ division }) => division === "000000")?.code ?? "centre";
  }

  #addOutside({ outside, hostings }: NodeOutside): void {
    this.#entries = [outside, ...this.#entries];
    this.#outside = [...this.#outside, ...hostings];
  }

  async #start(wanted: NodeWanted): Promise<ExchangeNode> {
    const identity = await identityOf(wanted.code, wanted.suite);
    const faults: unknown[] = [];
    const view = () => this.view(wanted.code);
    const exchange = new Exchange({
      ...{ view, signer: async () => identity.signer, tls: () => identity.tls },
      onFault: (error) => faults.push(error),
      ...(wanted.callTimeoutMs !== undefined && { callTimeoutMs: wanted.callTimeoutMs }),
    });
    const elsewhere: Elsewhere = {
      routes: {
        self: wanted.code,
        hostOf: (room, division) => {
          const host = view().hostOf(room, division ?? wanted.division);
          const isListed = view()
            .hostings()
            .some((hosting) => hosting.room === room);
          if (host === wanted.code || !isListed) return { kind: "here" };
          return host === undefined ? { kind: "nowhere" } : { kind: "node", node: host };
        },
        standsInLine: (node) => standInLine((code) => view().node(code), wanted.code, node),
        others: () =>
          view()
            .nodes()
            .filter(({ code }) => code !== wanted.code),
        authorities: () =>
          view()
            .authorities()
            .map(({ branch, ...one }) => ({ ...one, isGovernment: branch === "government" })),
      },
      transport: exchange,
      proofs: directoryProofs({ view, signer: async () => identity.signer, secret: () => identity.sealing }),
    };
    const node = await testNode({
      ...{ systems: wanted.systems, elsewhere, logOrigin: `${wanted.code}.zhengtong.example/log` },
      ...(wanted.now && { now: wanted.now }),
      ...(wanted.around && { around: wanted.around }),
      ...(wanted.authorityOf && { authorityOf: wanted.authorityOf }),
    });
    await exchange.connect(node.kernel);
    const port = await exchange.listen({ host: "127.0.0.1", port: 0 });
    this.#entries = [
      ...this.#entries,
      nodeOf(wanted.code, wanted.division, {
        above: wanted.division === "000000" ? undefined : this.#centre,
        exchange: `https://127.0.0.1:${port}`,
        certificates: [identity.fingerprint],
        signingKeys: identity.keys,
        sealingKeys: [letterKey(identity.sealing)],
        ...wanted.said,
      }),
    ];
    const close = async () => {
      await exchange.close();
      await node.close();
    };
    return { ...node, close, code: wanted.code, exchange, identity, port, faults };
  }

  get entries(): readonly NodeEntry[] {
    return this.#entries;
  }

  get hostings(): readonly Hosting[] {
    const own = this.#wanted.flatMap(({ code: node, division, hosts }) =>
      hosts.map((host) => ({ room: typeof host === "string" ? host : host.id, division, node })),
    );
    return [...own, ...this.#outside];
  }

  node(code: string): ExchangeNode {
    const node = this.nodes.get(code);
    if (node === undefined) throw new Error(`no node ${code}`);
    return node;
  }

  view(code: string): DirectoryView {
    const view = this.#views.get(code);
    if (view === undefined) throw new Error("the directory is not there yet");
    return view;
  }

  /** Authorities as nodes publish them, by the ids of their own registers. */
  list(...authorities: readonly AuthorityEntry[]): void {
    this.#authorities = [...this.#authorities, ...authorities];
    this.change((entry) => entry);
  }

  /** Another edition of the directory, for all nodes or for one. */
  change(entry: (entry: NodeEntry) => NodeEntry, only?: string): void {
    const entries = this.#entries.map(entry);
    for (const { code } of this.#wanted) {
      if (only === undefined || only === code) this.#views.set(code, this.#assemble(code, entries));
    }
  }

  #assemble(self: string, nodes: readonly NodeEntry[]): DirectoryView {
    const { hostings } = this;
    const authorities = this.#wanted.flatMap(({ division, authorities: numbers = [] }) =>
      numbers.map((number) => authorityOf(number, division)),
    );
    const view = assemble({
      ...{ self, now: TEST_NOW, isPartial: false },
      parts: [documentOf("000000", { nodes, hostings, authorities: [...authorities, ...this.#authorities] })],
    });
    if (!("hostOf" in view)) throw new Error(`directory refused: ${JSON.stringify(view)}`);
    return view;
  }

  async close(): Promise<void> {
    for (const node of this.nodes.values()) await node.close();
  }
}
