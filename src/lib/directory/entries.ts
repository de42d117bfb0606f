/** What the directory says of whom. Shapes alone; `document.ts` checks them. */
import type { SuiteName } from "#lib/crypto/suite";
import type { Text } from "#lib/language/text";

export type NodeZone = "intranet" | "extranet" | "internet";

/** A certificate and the instant from which it does not count any more, ISO 8601, UTC. */
export interface CertificateEnd {
  /** SHA-256 of the DER, lower-case hex. */
  readonly certificate: string;
  readonly at: string;
}

/** A key of a node, by its suite. */
export interface NodeKey {
  /** Unique among the keys of its node. */
  readonly id: string;
  readonly suite: SuiteName;
  /** SPKI, base64. */
  readonly publicKey: string;
}

export interface NodeEntry {
  /** Unique in the directory, never given again. */
  readonly code: string;
  readonly name: Text;
  readonly zone: NodeZone;
  /** Six digits of GB/T 2260; the centre is `000000`. */
  readonly division: string;
  /** The code of the node above; none for the centre. */
  readonly above?: string | undefined;
  /** `https://host:port` of its exchange (mutual TLS). A node of the intranet has none: it is reached over no wire. */
  readonly exchange?: string | undefined;
  /** Where its pages and its directory are read: `http(s)://host:port`. */
  readonly site?: string | undefined;
  /** Of the TLS certificates that it shows: SHA-256 of the DER, lower-case hex. More than one while they change. */
  readonly certificates: readonly string[];
  /** Of those certificates, the ones that were replaced, with when they stop counting. */
  readonly endings?: readonly CertificateEnd[] | undefined;
  /** Certificates that two officials struck: they count nowhere, whatever else is listed. */
  readonly struck?: readonly CertificateEnd[] | undefined;
  /** Keys that sign its messages. */
  readonly signingKeys: readonly NodeKey[];
  /** For these is sealed what reaches it by other nodes. */
  readonly sealingKeys: readonly NodeKey[];
  /** C2SP verifier keys of its log. */
  readonly logKeys: readonly string[];
  /** C2SP tlog-cosignature keys with which it vouches for the logs of others, the one in use first. None where it is older than decision 0037. */
  readonly cosigningKeys?: readonly string[] | undefined;
  readonly state: "active" | "leaving" | "left";
}

/** This node keeps this room for this division and everything below it. */
export interface Hosting {
  readonly room: string;
  readonly division: string;
  readonly node: string;
}

/** What an authority is an organ of. 宪法 ch. 3; 中国共产党章程; 中国人民政治协商会议章程. */
export type OrganBranch =
  | "party"
  | "congress"
  | "government"
  | "cppcc"
  | "supervision"
  | "court"
  | "procuratorate"
  | "other";

export interface AuthorityEntry {
  /** As the register of authorities has it; never given again. */
  readonly id: string;
  readonly code: string;
  readonly name: Text;
  readonly division: string;
  readonly parent?: string | undefined;
  readonly branch: OrganBranch;
  readonly state: "active" | "merged" | "abolished";
  /** The id of the authority that it was merged into. */
  readonly into?: string | undefined;
}

/** A division's code that was replaced. The old one stands in numbers and acts for ever. */
export interface Renumbering {
  readonly from: string;
  readonly to: string;
  /** The first day of the new code, `YYYY-MM-DD`. */
  readonly since: string;
}

/** A root certificate under which a division's certificates are issued. */
export interface TrustAnchor {
  readonly division: string;
  readonly name: Text;
  /** DER, base64. */
  readonly certificate: string;
}

/** Who may sign the part of a division. */
export interface Delegation {
  readonly division: string;
  /** C2SP verifier keys. Those of one name are one signer, who signs with all of them. */
  readonly keys: readonly string[];
}

/** The contents of one part: the centre's frame, or what one division says of itself. */
export interface PartDocument {
  readonly division: string;
  readonly nodes: readonly NodeEntry[];
  readonly hostings: readonly Hosting[];
  readonly authorities: readonly AuthorityEntry[];
  readonly renumberings: readonly Renumbering[];
  readonly anchors: readonly TrustAnchor[];
  readonly delegations: readonly Delegation[];
}

/** What is signed of a part: a few lines, whatever the size of the document. */
export interface PartHead {
  readonly division: string;
  /** From 1 on, without gaps. */
  readonly version: number;
  /** The digest of the head before; none of the first. */
  readonly previous?: string | undefined;
  /** ISO 8601, UTC. */
  readonly issued: string;
  readonly until: string;
  /** SHA-256 of the document's UTF-8, lower-case hex. */
  readonly document: string;
  /** C2SP verifier keys that sign this version and must sign the next. */
  readonly keys: readonly string[];
}

/** One edition of a part as it travels. */
export interface SignedPart {
  /** C2SP signed note over the head. */
  readonly note: string;
  /** Canonical JSON (RFC 8785) of a {@link PartDocument}. */
  readonly document: string;
  /** Notes of the versions between the one that the reader has and this one, oldest first. */
  readonly between?: readonly string[] | undefined;
}

/** What a node remembers of the edition that it took last. */
export interface KnownPart {
  readonly version: number;
  /** Of the head's text. */
  readonly digest: string;
  /** The head's keys. */
  readonly keys: readonly string[];
  /** What it said, where it is still at hand: the next edition must not forget any of its identifiers. */
  readonly document?: PartDocument | undefined;
}
