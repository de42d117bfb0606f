import { civilDay } from "#lib/calendar/civil-day";
import { toBase64 } from "#lib/crypto/base64url";
import { sha256Hex } from "#lib/crypto/digest";
import { type ProvedPolicy, provedPolicies } from "../access/policy-set.ts";
import { Fault } from "../errors/fault.ts";
import type { LedgerSubject } from "../ledger/entry.ts";
import type { LedgerReceipt, Opening } from "../ledger/receipts.ts";
import type { Kernel } from "../system/kernel.ts";
import { cosignatureLines, witnessedSize } from "../witnessing/cosignatures.ts";
import { erasureWarrant } from "./ledger-retention.ts";

/** docs/protocols/evidence-bundles.md */
export const EVIDENCE_FORMAT = "zhengtong-evidence/1";
export const EVIDENCE_MEDIA_TYPE = "application/vnd.zhengtong.evidence+json";
/** Entries of one bundle: a case has some dozens. */
export const EVIDENCE_MAX_ENTRIES = 1_000;
/** Of certificates of one bundle: of each at most twenty. */
export const EVIDENCE_MAX_CERTIFICATE_ENTRIES = 400;
/** Documents of one bundle, and as many materials, and their bytes together: it is one file, held in memory. */
export const EVIDENCE_MAX_DOCUMENTS = 200;
export const EVIDENCE_MAX_BYTES = 48 * 1024 * 1024;

/** Something that an act was about, was based on, or brought forth. */
export interface EvidenceDocument {
  readonly role: "application" | "record" | "notice" | "result";
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** Of whoever signed these bytes: a statement over their digest (`statement.ts`), or, of old, a signature in DER and a certificate in PEM. */
  readonly signature?:
    | { readonly statement: string }
    | { readonly value: Uint8Array; readonly certificate: string }
    | undefined;
  /** The seal beside it (`documents/detached-seal.ts`). */
  readonly seal?: Uint8Array | undefined;
}

/** A document that was handed in: named by its digest in the application, a record or the log; with its bytes where they are asked for. */
export interface EvidenceMaterial {
  readonly name: string;
  readonly mediaType: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  readonly content?: Uint8Array | undefined;
}

/** What a certificate's register says at the moment; the node's word, which the ledger's entries of revocations bear out. */
export interface CertificateStatement {
  readonly serial: string;
  readonly status: string;
  readonly revokedAt?: string | undefined;
}

/** Everything about one act, in one file that the verifier accepts without any network. Bytes are base64 where not said otherwise. */
export interface EvidenceBundle {
  readonly format: typeof EVIDENCE_FORMAT;
  readonly origin: string;
  readonly verifierKey: string;
  /** How the log's keys followed each other, from that one on, as signed notes; absent where none did. */
  readonly successions?: readonly string[];
  readonly madeAt: string;
  readonly about: {
    readonly caseId?: string;
    readonly caseNumber?: string;
    readonly entryId?: number;
    /** An auditor's: `ledger/sample.ts`. */
    readonly sample?: { readonly seed: string; readonly size: number; readonly count: number; readonly strata: number };
  };
  /** Under which all entries are proved, with the lines of its witnesses. */
  readonly checkpoint: string;
  readonly entries: readonly EvidenceEntry[];
  readonly policySets: readonly {
    readonly root: string;
    readonly count: number;
    readonly policies: readonly ProvedPolicy[];
  }[];
  readonly documents: readonly {
    readonly role: EvidenceDocument["role"];
    readonly name: string;
    readonly mediaType: string;
    /** Hexadecimal: entries name a document by it. */
    readonly sha256: string;
    readonly content: string;
    readonly signature?: { readonly statement: string } | { readonly value: string; readonly certificate: string };
    readonly seal?: string;
  }[];
  readonly materials: readonly (Omit<EvidenceMaterial, "content"> & { readonly content?: string })[];
  /** PEM: between the certificates of signatures and the root, which the reader has from elsewhere. */
  readonly certificates: readonly string[];
  readonly statements: readonly CertificateStatement[];
}

export interface EvidenceEntry {
  readonly entryId: number;
  readonly index: number;
  readonly leaf: string;
  readonly content: LedgerReceipt["content"];
  readonly subject?: NonNullable<LedgerReceipt["subject"]>;
  readonly proof: readonly string[];
  /** Of an erased entry: the id of the entry, in this bundle, that says that it was erased when its time ended. */
  readonly erasedBy?: number;
}

export interface EvidenceWanted {
  readonly about: EvidenceBundle["about"];
  readonly entryIds: readonly number[];
  /** Whose part of each entry is shown; entries that do not concern him are left out. */
  readonly subject?: Pick<LedgerSubject, "kind" | "id"> | undefined;
  readonly documents?: readonly EvidenceDocument[];
  readonly materials?: readonly EvidenceMaterial[];
  /** Entries about the certificates of those who sealed and signed: they concern nobody, and are shown to everybody. */
  readonly certificateEntryIds?: readonly number[];
  readonly certificates?: readonly string[];
  readonly statements?: readonly CertificateStatement[];
}

/**
 * @throws Fault ERR_EVIDENCE_PENDING while an entry is not in the log yet
 * @throws Fault ERR_EVIDENCE_SIZE where it would be larger than a bundle may be
 */
export async function makeEvidence(kernel: Kernel, wanted: EvidenceWanted): Promise<EvidenceBundle> {
  const { documents = [], materials = [], certificateEntryIds = [] } = wanted;
  const bytes =
    documents.reduce((sum, document) => sum + document.bytes.length, 0) +
    materials.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
  if (
    wanted.entryIds.length > EVIDENCE_MAX_ENTRIES ||
    certificateEntryIds.length > EVIDENCE_MAX_CERTIFICATE_ENTRIES ||
    documents.length > EVIDENCE_MAX_DOCUMENTS ||
    materials.length > EVIDENCE_MAX_DOCUMENTS ||
    bytes > EVIDENCE_MAX_BYTES
  )
    throw new Fault("ERR_EVIDENCE_SIZE", { message: `${wanted.entryIds.length} entries, ${bytes} bytes` });
  const checkpoint = await checkpointFor(kernel, [...wanted.entryIds, ...certificateEntryIds]);
  const today = civilDay(Temporal.Instant.from(kernel.now())).toString();
  // What a law keeps from its subject for a while is as if it were not there.
  const withheld = wanted.subject ? await kernel.ledger.withheldOn(wanted.entryIds, today) : new Set<number>();
  const own = (await kernel.ledger.receiptsFor(wanted.entryIds, { subject: wanted.subject, checkpoint })).filter(
    ({ entryId }) => !withheld.has(entryId),
  );
  const warrants = await warrantsOf(kernel, own);
  const further = [...new Set([...warrants.values(), ...certificateEntryIds])].filter(
    (id) => !own.some(({ entryId }) => entryId === id),
  );
  const { successions } = await kernel.ledger.keysOfToday();
  const receipts = [...own, ...(await kernel.ledger.receiptsFor(further, { checkpoint }))];
  return {
    format: EVIDENCE_FORMAT,
    origin: kernel.ledger.origin,
    verifierKey: kernel.ledger.verifierKey,
    ...(successions.length > 0 && { successions }),
    madeAt: kernel.now(),
    about: wanted.about,
    checkpoint: checkpoint.note + (await cosignatureLines(kernel.database, checkpoint.size)).join(""),
    entries: receipts.map((receipt) => provedEntry(receipt, warrants.get(receipt.entryId))),
    policySets: await policySetsOf(kernel, receipts),
    documents: documents.map(writtenDocument),
    materials: materials.map(({ content, ...material }) => ({
      ...material,
      ...(content && { content: toBase64(content) }),
    })),
    certificates: wanted.certificates ?? [],
    statements: wanted.statements ?? [],
  };
}

/** The newest checkpoint that a witness signed, where it covers all entries; else the newest. */
async function checkpointFor(kernel: Kernel, entryIds: readonly number[]): Promise<{ size: number; note: string }> {
  const newest = await kernel.ledger.checkpoint();
  const indexes = await kernel.ledger.indexesOf(entryIds);
  if (newest === undefined || entryIds.some((id) => !indexes.has(id)))
    throw new Fault("ERR_EVIDENCE_PENDING", { message: `${entryIds.length - indexes.size} entries` });
  const needed = Math.max(0, ...indexes.values()) + 1;
  const size = await witnessedSize(kernel.database, { quorum: 1 });
  const witnessed = size !== undefined && size >= needed ? await kernel.ledger.checkpointCovering(size) : undefined;
  return witnessed === undefined || size === undefined ? newest : { size, note: witnessed };
}

function isErased(content: Opening<unknown>): boolean {
  return "erased" in content;
}

async function warrantsOf(kernel: Kernel, receipts: readonly LedgerReceipt[]): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  for (const { entryId, leaf, content } of receipts) {
    const warrant = isErased(content) ? await erasureWarrant(kernel, Buffer.from(leaf, "base64")) : undefined;
    if (warrant !== undefined) found.set(entryId, warrant);
  }
  return found;
}

function provedEntry(receipt: LedgerReceipt, erasedBy: number | undefined): EvidenceEntry {
  const { entryId, leaf, content, subject, log } = receipt;
  if (log === undefined) throw new Fault("ERR_EVIDENCE_PENDING", { message: `entry ${entryId}` });
  const { index, proof } = log;
  return {
    ...{ entryId, index, leaf, content, proof },
    ...(subject && { subject }),
    ...(erasedBy !== undefined && { erasedBy }),
  };
}

async function policySetsOf(kernel: Kernel, receipts: readonly LedgerReceipt[]): Promise<EvidenceBundle["policySets"]> {
  const named = new Map<string, Set<string>>();
  for (const { content } of receipts) {
    if (!("value" in content) || content.value.policySet === undefined) continue;
    const ids = named.get(content.value.policySet) ?? new Set();
    named.set(content.value.policySet, ids);
    for (const id of content.value.policies ?? []) ids.add(id);
  }
  const sets = await Promise.all([...named].map(([root, ids]) => provedPolicies(kernel.database, root, [...ids])));
  return sets.filter((set) => set !== undefined);
}

function writtenDocument({
  role,
  name,
  mediaType,
  bytes,
  signature,
  seal,
}: EvidenceDocument): EvidenceBundle["documents"][number] {
  return {
    ...{ role, name, mediaType },
    sha256: sha256Hex(bytes),
    content: toBase64(bytes),
    ...(signature && {
      signature: "value" in signature ? { ...signature, value: toBase64(signature.value) } : signature,
    }),
    ...(seal && { seal: toBase64(seal) }),
  };
}

/** As it is sent and saved. */
export function evidenceBytes(bundle: EvidenceBundle): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(bundle, undefined, 1)}\n`);
}
