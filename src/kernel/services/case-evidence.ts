import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { readPem, writePem } from "#lib/asn1/pem";
import { sha256Hex } from "#lib/crypto/digest";
import { isRefusal } from "../contract/refusal.ts";
import { sealersOf } from "../documents/detached-seal.ts";
import { sealerOf } from "../documents/pdf-seal-verification.ts";
import { isFault } from "../errors/fault.ts";
import type { LedgerSubject } from "../ledger/entry.ts";
import type { Act } from "../system/act.ts";
import { sealsBeside } from "../system/detached-seals.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, readApplication } from "./application.ts";
import { ledgerEntriesOf } from "./archive-content.ts";
import { readingOf } from "./case-views.ts";
import {
  type CertificateStatement,
  EVIDENCE_MAX_BYTES,
  EVIDENCE_MAX_ENTRIES,
  type EvidenceBundle,
  type EvidenceDocument,
  type EvidenceWanted,
  makeEvidence,
} from "./evidence.ts";
import { materialsIn } from "./evidence-materials.ts";
import { ownApplication } from "./own-application.ts";
import { partiesOf } from "./parties.ts";
import { recordBytes, recordsOf } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { canonicalBytes, digestOf } from "./statement.ts";
import { asSigned, formerSignedBytes, signedContent } from "./submission.ts";

/** What is known of certificates, where rooms are reached: the kernel names none. */
export interface CertificateSource {
  /** PEM: all issuers, and the roots. */
  issuers(): Promise<readonly string[]>;
  /** Undefined where the register does not know it. */
  statement(certificatePem: string): Promise<CertificateStatement | undefined>;
  /** The entries of this node's ledger about certificates: that each was issued, revoked, reinstated. @param fingerprints SHA-256, hexadecimal */
  entriesAbout(fingerprints: readonly string[]): Promise<readonly number[]>;
}

/** What a bundle is to have beside what it always has. */
export interface EvidenceExtent {
  /** The materials themselves, and not their digests alone. */
  readonly materials?: boolean;
}

/** The sequencer puts an entry into the log within a second. */
const WAIT_TRIES = 20;
const WAIT_MS = 250;

/** Everything about a case, for officials of its authority and auditors; that they took it out is in the ledger, but not in it. */
export async function evidenceForOfficial(
  kernel: Kernel,
  act: Act,
  caseId: string,
  certificates: CertificateSource,
  extent: EvidenceExtent = {},
): Promise<EvidenceBundle | ServiceRefusal> {
  const application = await readApplication(kernel, kernel.database, caseId);
  if (!application || act.principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  const parties = await partiesOf(kernel, kernel.database, caseId);
  const { allowed, entry, provable } = readingOf(kernel, act, { application, parties });
  if (provable) return provable;
  const entryIds = allowed ? await entriesOfCase(kernel, caseId) : [];
  await kernel.ledger.append(kernel.database, [{ ...entry, operation: `${application.service}.evidence` }]);
  if (!allowed) return serviceRefusal("services", "case-unknown");
  return await caseEvidence(kernel, application, { ...extentOf(extent), entryIds, certificates, internal: true });
}

/** The same for whom the case concerns: the entries that concern them, their application, and what they were sent. */
export async function evidenceForApplicant(
  kernel: Kernel,
  act: Act,
  caseId: string,
  certificates: CertificateSource,
  extent: EvidenceExtent = {},
): Promise<EvidenceBundle | ServiceRefusal> {
  const application = await ownApplication(kernel, act, caseId);
  if (isRefusal(application)) return application;
  const { kind, id } = application.applicant;
  const entryIds = await entriesOfCase(kernel, caseId);
  const subject = { kind, id };
  return await caseEvidence(kernel, application, {
    ...extentOf(extent),
    entryIds,
    certificates,
    internal: false,
    subject,
  });
}

/** For the command line, whose operator has the database anyway. */
export async function evidenceOfCase(
  kernel: Kernel,
  caseId: string,
  certificates: CertificateSource,
  extent: EvidenceExtent = {},
): Promise<EvidenceBundle | undefined> {
  const application = await readApplication(kernel, kernel.database, caseId);
  if (!application) return undefined;
  return caseEvidence(kernel, application, {
    ...extentOf(extent),
    entryIds: await entriesOfCase(kernel, caseId),
    certificates,
    internal: true,
  });
}

/** The oldest come first where there are more than a bundle takes: what opened and decided a case is among them. */
async function entriesOfCase(kernel: Kernel, caseId: string): Promise<readonly number[]> {
  return (await ledgerEntriesOf(kernel, caseId)).toReversed().slice(0, EVIDENCE_MAX_ENTRIES);
}

async function caseEvidence(
  kernel: Kernel,
  application: Application,
  wanted: {
    readonly entryIds: readonly number[];
    readonly certificates: CertificateSource;
    /** Whether what officials filled in for each other is in it. */
    readonly internal: boolean;
    readonly withMaterials: boolean;
    readonly subject?: Pick<LedgerSubject, "kind" | "id">;
  },
): Promise<EvidenceBundle> {
  const { caseId, number } = application;
  const documents = [
    applicationDocument(application),
    ...(wanted.internal ? await recordDocuments(kernel, application) : []),
    ...(await storedDocuments(kernel, caseId, wanted.internal)),
  ];
  const documentBytes = documents.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return await provedEvidence(kernel, {
    about: { caseId, caseNumber: number },
    entryIds: wanted.entryIds,
    subject: wanted.subject,
    documents,
    materials: await materialsIn(kernel, application, { ...wanted, maxBytes: EVIDENCE_MAX_BYTES - documentBytes }),
    certificateEntryIds: await wanted.certificates.entriesAbout(await fingerprintsIn(documents)),
    certificates: await wanted.certificates.issuers(),
    statements: await statementsOf(documents, wanted.certificates),
  });
}

function extentOf({ materials = false }: EvidenceExtent): { readonly withMaterials: boolean } {
  return { withMaterials: materials };
}

/** The certificates with which documents were sealed and signed, each by its digest. */
async function fingerprintsIn(documents: readonly EvidenceDocument[]): Promise<readonly string[]> {
  const certificates = documents.map(async ({ bytes, mediaType, signature, seal }) => {
    const sealer = mediaType === "application/pdf" ? await sealerOf(bytes) : undefined;
    const signers = signature === undefined ? [] : certificatesOf(signature).flatMap((pem) => readPem(pem));
    return [
      ...(sealer === undefined ? [] : [sealer]),
      ...(seal === undefined ? [] : sealersOf(seal)),
      ...signers.map(({ der }) => der),
    ];
  });
  return [...new Set((await Promise.all(certificates)).flat().map(sha256Hex))];
}

async function statementsOf(
  documents: readonly EvidenceDocument[],
  certificates: CertificateSource,
): Promise<readonly CertificateStatement[]> {
  const used = new Set(
    documents.flatMap(({ signature }) => (signature === undefined ? [] : certificatesOf(signature))),
  );
  const found = await Promise.all([...used].map((certificate) => certificates.statement(certificate)));
  return found.filter((statement) => statement !== undefined);
}

/** PEM, of whoever signed. */
function certificatesOf(signature: NonNullable<EvidenceDocument["signature"]>): readonly string[] {
  if ("certificate" in signature) return [signature.certificate];
  const header = JSON.parse(Buffer.from(signature.statement.split(".")[0] ?? "", "base64url").toString("utf8")) as {
    readonly x5c?: readonly string[];
  };
  return (header.x5c ?? [])
    .slice(0, 1)
    .map((own) => writePem({ label: "CERTIFICATE", der: Buffer.from(own, "base64") }));
}

/** Makes a bundle; entries that are not in the log yet are waited for, shortly. */
export async function provedEvidence(kernel: Kernel, wanted: EvidenceWanted): Promise<EvidenceBundle> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await makeEvidence(kernel, wanted);
    } catch (error) {
      if (!isFault(error, "ERR_EVIDENCE_PENDING") || tries >= WAIT_TRIES) throw error;
      await sleep(WAIT_MS);
    }
  }
}

function applicationDocument(application: Application): EvidenceDocument {
  const { signature, certificate, statement } = application;
  const signed = asSigned(application);
  const former = statement === undefined && signature !== undefined && certificate !== undefined;
  return {
    role: "application",
    name: "application.json",
    mediaType: "application/json",
    bytes: former ? formerSignedBytes(signed) : canonicalBytes(signedContent(signed)),
    ...(former && { signature: { value: signature, certificate } }),
    ...(statement !== undefined && { signature: { statement } }),
  };
}

/** What was filled in at each step; where an official signed it, what he signed stands beside it. */
async function recordDocuments(kernel: Kernel, application: Application): Promise<readonly EvidenceDocument[]> {
  const { caseId, number } = application;
  const mediaType = "application/json";
  return (await recordsOf(kernel, caseId)).flatMap(({ id, element, content }): readonly EvidenceDocument[] => {
    const name = `${element}-${id}.json`;
    const own = { role: "record", name, mediaType, bytes: recordBytes(content) } as const;
    const { statement, together, ...form } = content;
    const joint = JointRecord.safeParse(together).data;
    const token = joint?.statement ?? statement;
    if (typeof token !== "string") return [own];
    const step = `${application.room}.${application.service}.task.${element}`;
    const signed = joint
      ? { numbers: joint.numbers, step: element, form, at: saidAt(token) }
      : { case: caseId, number, step, form };
    // What a record has beside the form was not signed with it: then the record alone is shown.
    if (!statementNames(token, digestOf(signed))) return [own];
    const bytes = canonicalBytes(signed);
    const signature = { statement: token };
    return [own, { role: "record", name: `${element}-${id}.signed.json`, mediaType, bytes, signature }];
  });
}

/** What `decide-together.ts` keeps with each of the cases that were decided in one act. */
const JointRecord = z.object({ numbers: z.array(z.string()), statement: z.string() });

/** When it was signed, by its own account. */
function saidAt(token: string): unknown {
  const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8");
  return (JSON.parse(payload) as { readonly at?: unknown }).at;
}

function statementNames(token: string, digest: string): boolean {
  return Buffer.from(token.split(".")[1] ?? "", "base64url").includes(digest);
}

/**
 * Notices that were delivered, and what rooms kept for the case, such as the licence. What went to an interested party is not the
 * applicant's.
 */
async function storedDocuments(
  kernel: Kernel,
  caseId: string,
  internal: boolean,
): Promise<readonly EvidenceDocument[]> {
  const rows = await kernel.database.query<{ role: "notice" | "result"; name: string; digest: string }>(
    `SELECT 'notice' AS role, kind AS name, digest FROM service.notice WHERE case_id = $1 AND digest IS NOT NULL
        AND ($2 OR party_id IS NULL)
     UNION SELECT 'result', room, digest FROM act.file WHERE case_id = $1 ORDER BY role, name, digest`,
    [caseId, internal],
  );
  const seals = await sealsBeside(
    kernel.database,
    rows.map(({ digest }) => digest),
  );
  return await Promise.all(
    rows.map(async ({ role, name, digest }) => {
      const seal = seals.get(digest);
      return {
        ...{ role, name: `${name}.pdf`, mediaType: "application/pdf" },
        bytes: await kernel.files.read(digest),
        ...(seal !== undefined && { seal: await kernel.files.read(seal) }),
      };
    }),
  );
}
