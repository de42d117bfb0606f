/** What a ceremony leaves in the open: who holds shares, how many are needed, and by which digests shares are known. */
import { utf8 } from "#lib/crypto/bytes";
import { canonicalize } from "#lib/json/canonical";
import { SHARES_MAX, THRESHOLD_MIN } from "#lib/secret-sharing/shamir";
import { CEREMONY_ID_BYTES, type ShareRecord } from "#lib/secret-sharing/shares";
import { CERTIFICATE_SUITES, type CertificateSuite } from "../certificates/purposes.ts";

const FORMAT = "zhengtong-root-ceremony/1";
const RECORD_MAX_CHARACTERS = 65_536;
const NAME_MAX_CHARACTERS = 64;

export interface CeremonyRecord {
  readonly format: typeof FORMAT;
  /** Hexadecimal. */
  readonly ceremony: string;
  readonly operator: string;
  /** Where others find the roots' certificates and lists; absent where certificates do not say it. */
  readonly publicUrl?: string;
  readonly suites: readonly CertificateSuite[];
  /** In the order of their shares. */
  readonly custodians: readonly string[];
  readonly threshold: number;
  /** SHA-256 of each share, hexadecimal. */
  readonly commitments: readonly string[];
  /** ISO 8601, UTC. */
  readonly begunAt: string;
}

/** The bytes that the root signs. */
export function recordBytes(record: CeremonyRecord): Uint8Array {
  return utf8(canonicalize({ ...record }));
}

export function newRecord(about: Omit<CeremonyRecord, "format">): CeremonyRecord {
  return { format: FORMAT, ...about };
}

/** For `combineShares`. */
export function sharesOf({ ceremony, custodians, threshold, commitments }: CeremonyRecord): ShareRecord {
  return {
    ceremony: Uint8Array.fromHex(ceremony),
    count: custodians.length,
    threshold,
    commitments: commitments.map((digest) => Uint8Array.fromHex(digest)),
  };
}

/** Undefined for a text that is no record. Whether the root signed it is another question. */
export function readRecord(text: string): CeremonyRecord | undefined {
  if (text.length > RECORD_MAX_CHARACTERS) return undefined;
  let read: Partial<Record<keyof CeremonyRecord, unknown>>;
  try {
    read = JSON.parse(text) as typeof read;
  } catch {
    return undefined;
  }
  if (typeof read !== "object" || read === null || read.format !== FORMAT) return undefined;
  const { ceremony, operator, publicUrl, suites, custodians, threshold, commitments, begunAt } = read;
  const fits =
    isHex(ceremony, CEREMONY_ID_BYTES) &&
    isName(operator) &&
    (publicUrl === undefined || typeof publicUrl === "string") &&
    isList(suites, (one) => CERTIFICATE_SUITES.includes(one as CertificateSuite)) &&
    isList(custodians, isName) &&
    isList(commitments, (one) => isHex(one, 32)) &&
    (custodians as unknown[]).length === (commitments as unknown[]).length &&
    Number.isInteger(threshold) &&
    (threshold as number) >= THRESHOLD_MIN &&
    (threshold as number) <= (custodians as unknown[]).length &&
    typeof begunAt === "string";
  return fits ? (read as CeremonyRecord) : undefined;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && [...value].length <= NAME_MAX_CHARACTERS;
}

function isHex(value: unknown, sizeBytes: number): boolean {
  return typeof value === "string" && new RegExp(`^[0-9a-f]{${2 * sizeBytes}}$`).test(value);
}

function isList(value: unknown, holds: (member: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= SHARES_MAX && value.every(holds);
}
