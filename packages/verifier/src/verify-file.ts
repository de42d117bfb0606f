import type { Certificate } from "./certificate.ts";
import { CERTIFICATE_PROOF_FORMAT, verifyCertificateProof } from "./certificate-proof.ts";
import { type LogKey, looksLikeNote } from "./checkpoint.ts";
import type { Jwk } from "./crypto.ts";
import { DETACHED_SEAL_FORMAT, verifyDetachedSeal } from "./detached-seal.ts";
import { EVIDENCE_FORMAT, verifyEvidence } from "./evidence.ts";
import { EXCHANGE_EVIDENCE_FORMAT, type NodeKey, verifyExchange } from "./exchange.ts";
import {
  CONSISTENCY_FORMAT,
  EXPORT_FORMAT,
  RECEIPT_FORMAT,
  verifyCheckpoint,
  verifyConsistency,
  verifyExport,
  verifyReceipt,
  verifySuccessions,
} from "./ledger.ts";
import { verifyLicenceNumber } from "./licence-number.ts";
import { verifySealedPdf } from "./pdf.ts";
import { examine, Refusal, type Report } from "./report.ts";
import { looksLikeSdJwt, verifyCredential } from "./sd-jwt.ts";
import { looksLikeStatement, statementOver, verifyStatement } from "./statement.ts";
import { SUCCESSIONS_FORMAT } from "./succession.ts";
import type { WitnessPolicy } from "./witness.ts";

/** What the verifier holds for true before it looks at a file. */
export interface Trust {
  /** Root certificates, pinned by whoever verifies. */
  readonly roots: readonly Certificate[];
  /** The moment for which certificates and tokens must be valid, milliseconds since 1970. */
  readonly atMs: number;
  readonly jwk?: Jwk | undefined;
  readonly logKey?: LogKey | undefined;
  readonly keptCheckpoint?: string | undefined;
  /** How keys of logs followed each other, as signed notes, beside what files bring along. */
  readonly successions?: readonly unknown[] | undefined;
  readonly witnesses?: WitnessPolicy | undefined;
  /** Proofs that certificates' issuance is in the ledger: where there are any, a seal's certificate needs one. */
  readonly certificateProofs?: readonly string[] | undefined;
  /** Whether a certificate whose issuance nothing proves is refused, and not only told of. */
  readonly issuanceRequired?: boolean | undefined;
  /** What a detached seal may be of: the other files that were given. */
  readonly documents?: readonly Uint8Array[] | undefined;
  /** Keys with which nodes sign messages, as the directory has them. */
  readonly nodeKeys?: readonly NodeKey[] | undefined;
  /** The key of the other node's log, where two nodes' logs are in one file. */
  readonly peerLogKey?: LogKey | undefined;
}

/** Tells what a file is from its bytes, and checks it. */
export function verifyFile(bytes: Uint8Array, trust: Trust): Promise<Report> {
  if (startsWith(bytes, "%PDF-")) return verifySealedPdf(bytes, trust);
  const source = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const format = /^\s*\{.{0,200}?"format"\s*:\s*"([a-z0-9/-]{1,64})"/s.exec(source.slice(0, 512))?.[1];
  if (format === RECEIPT_FORMAT) return verifyReceipt(source, trust);
  if (format === DETACHED_SEAL_FORMAT) return verifyDetachedSeal(source, trust);
  if (format === CONSISTENCY_FORMAT) return verifyConsistency(source, trust);
  if (format === EXPORT_FORMAT) return verifyExport(source, trust);
  if (format === SUCCESSIONS_FORMAT) return verifySuccessions(source, trust);
  if (format === CERTIFICATE_PROOF_FORMAT) return verifyCertificateProof(source, trust);
  if (format === EXCHANGE_EVIDENCE_FORMAT) return verifyExchange(source, trust);
  if (format === EVIDENCE_FORMAT) return verifyEvidence(source, trust);
  if (looksLikeSdJwt(source)) return verifyCredential(source, trust);
  if (looksLikeStatement(source)) return verifyStatement(source, trust);
  if (looksLikeNote(source)) return verifyCheckpoint(source, trust);
  const statement = statementOver(bytes, trust.documents ?? []);
  if (statement !== undefined) return verifyStatement(statement, { ...trust, documents: [bytes] });
  return examine("unknown", () => {
    throw new Refusal("unknown-kind", "无法识别这是什么文件", "It cannot be told what this file is");
  });
}

/** Checks a licence number, which needs no file. */
export { verifyLicenceNumber };

function startsWith(bytes: Uint8Array, prefix: string): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(0, prefix.length)) === prefix;
}
