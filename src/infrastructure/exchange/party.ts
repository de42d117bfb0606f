import type { Operation } from "#kernel/contract/contract";
import type { CertificateStanding } from "#kernel/ports";
import type { Kernel } from "#kernel/system/kernel";
import { fromBase64 } from "#lib/crypto/base64url";
import { sha256Hex } from "#lib/crypto/digest";
import { prepareSm2Key } from "#lib/crypto/sm2/keys";
import type { VerifyingKey } from "#lib/crypto/suite";
import type { NodeEntry, NodeKey } from "#lib/directory/entries";
import { verifyingKey } from "#lib/directory/node-key";
import type { DirectoryView } from "#lib/directory/view";
import { readX509 } from "#lib/x509/certificate";
import type { FrameSigner } from "./frames/frame.ts";
import type { Journal } from "./journal.ts";

/** Why a certificate that is known does not count. */
type WithdrawnWord = "certificate-revoked" | "certificate-ended";
/** What a peer says where our own does not count. */
export const WITHDRAWN_WORDS: ReadonlySet<string> = new Set<WithdrawnWord>([
  "certificate-revoked",
  "certificate-ended",
]);

/** Nodes of one directory, with a certificate and its next. */
const CERTIFICATES_MAX = 20_000;

/** What both sides of the exchange stand on: this node, whom it knows, and where it writes things down. */
export class Party {
  readonly kernel: Kernel;
  readonly journal: Journal;
  /** The key is made at the first need: a node that belongs to no directory has none. */
  readonly signer: () => Promise<FrameSigner>;
  /** Undefined where there is no directory, or none that is to be believed: then nobody is called or heard. */
  readonly view: () => DirectoryView | undefined;
  readonly onFault: (error: unknown) => void;
  /** Promises the files that an answer names to the node that asked. */
  offerAnswer: (said: {
    readonly schema: Operation["output"];
    readonly value: unknown;
    readonly to: string;
    readonly act: string;
  }) => Promise<boolean> = async () => true;
  readonly #standing: CertificateStanding | undefined;
  /** Of certificates that peers have shown, by fingerprint: when they end. Only of those that the directory lists. */
  readonly #ends = new Map<string, number>();
  /** Keys are read once for each text of the directory. */
  readonly #keys = new Map<string, VerifyingKey>();

  constructor(options: {
    readonly kernel: Kernel;
    readonly journal: Journal;
    readonly signer: () => Promise<FrameSigner>;
    readonly view: () => DirectoryView | undefined;
    readonly onFault: (error: unknown) => void;
    readonly standing?: CertificateStanding | undefined;
  }) {
    this.kernel = options.kernel;
    this.journal = options.journal;
    this.signer = options.signer;
    this.view = options.view;
    this.onFault = options.onFault;
    this.#standing = options.standing;
  }

  /** The code of this node; empty where it belongs to no directory. */
  get self(): string {
    return this.view()?.self ?? "";
  }

  /** A node that we may talk with. */
  peer(code: string): NodeEntry | undefined {
    const peer = this.view()?.node(code);
    return peer !== undefined && this.#mayTalkWith(peer) ? peer : undefined;
  }

  /** The node whose certificate it is, if it counts and we may talk with it. */
  peerOf(fingerprint: string): NodeEntry | undefined {
    const peer = this.#listed(fingerprint);
    return peer !== undefined && this.#standing?.isWithdrawn(fingerprint) !== true ? peer : undefined;
  }

  /** Whose certificate it was, of one that its issuer has withdrawn, or that the directory struck or ended; with the word by which its holder is told. */
  withdrawn(fingerprint: string): { readonly node: string; readonly why: WithdrawnWord } | undefined {
    const struck = this.view()?.nodeOfEnded(fingerprint);
    if (struck !== undefined && this.#mayTalkWith(struck)) return { node: struck.code, why: "certificate-ended" };
    const peer = this.#listed(fingerprint);
    if (peer === undefined || this.#standing?.isWithdrawn(fingerprint) !== true) return undefined;
    return { node: peer.code, why: "certificate-revoked" };
  }

  /** Has the issuer of a certificate that a peer shows asked what became of it. */
  watch(certificate: Uint8Array): void {
    this.#standing?.watch(certificate);
    const fingerprint = sha256Hex(certificate);
    if (this.#ends.has(fingerprint) || this.#listed(fingerprint) === undefined) return;
    if (this.#ends.size >= CERTIFICATES_MAX) this.#ends.clear();
    this.#ends.set(fingerprint, readX509(certificate).notAfterMs);
  }

  /** When the certificate that a peer shows ends (milliseconds since 1970), of several the last; undefined while it has shown none to this process. */
  certificateEnd(peer: NodeEntry): number | undefined {
    const ends = peer.certificates.flatMap((fingerprint) => this.#ends.get(fingerprint) ?? []);
    return ends.length === 0 ? undefined : Math.max(...ends);
  }

  #listed(fingerprint: string): NodeEntry | undefined {
    const peer = this.view()?.nodeOfCertificate(fingerprint);
    return peer !== undefined && this.#mayTalkWith(peer) ? peer : undefined;
  }

  /** No wire leads into the intranet or out of it (design, idea 5). */
  #mayTalkWith(peer: NodeEntry): boolean {
    const own = this.view()?.node(this.self);
    return (
      own !== undefined &&
      peer.code !== own.code &&
      peer.state !== "left" &&
      (peer.zone === "intranet") === (own.zone === "intranet")
    );
  }

  /** SPKI of a key with which a node signs messages today. */
  publicKeyOf(peer: NodeEntry, keyId: string): Uint8Array {
    const listed = peer.signingKeys.find(({ id }) => id === keyId);
    return fromBase64(listed?.publicKey ?? "") ?? new Uint8Array();
  }

  /** A key with which a node signs messages today. */
  keyOf(peer: NodeEntry, keyId: string): VerifyingKey | undefined {
    const listed = peer.signingKeys.find(({ id }) => id === keyId);
    if (listed === undefined) return undefined;
    let key = this.#keys.get(listed.publicKey);
    if (key === undefined) {
      key = readKey(listed);
      if (key !== undefined) this.#keys.set(listed.publicKey, key);
    }
    return key;
  }
}

function readKey(listed: NodeKey): VerifyingKey | undefined {
  const key = verifyingKey(listed);
  // Many messages are verified with it: its multiples are worth their table.
  if (key?.algorithm === "SM2") prepareSm2Key(key);
  return key;
}
