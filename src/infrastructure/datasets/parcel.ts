import { z } from "zod";
import type { Citation } from "#kernel/contract/citation";
import { Fault } from "#kernel/errors/fault";
import type { FeedVersion } from "#kernel/feeds/versions";
import { randomBytes } from "#kernel/random";
import { digestOf } from "#kernel/registers/legal-bases";
import { toBase64 } from "#lib/crypto/base64url";
import { concatBytes, utf8 } from "#lib/crypto/bytes";
import {
  openFor,
  openPiece,
  RECIPIENT_RANDOMNESS_BYTES,
  type RecipientKey,
  type RecipientSecret,
  sealFor,
  sealPiece,
} from "#lib/crypto/recipient";
import { CITATIONS_IN_PARCEL_MAX, CITATIONS_MAX, NAME_LENGTH_MAX, PARCEL_BYTES, TEXT_LENGTH_MAX } from "./limits.ts";
import "./faults.ts";

/**
 * Versions on their way: JSON, encrypted for the receiver's key whatever carries it. First the length of the wrapped secret in two
 * bytes, then that secret, then the content.
 */

/** What a parcel is bound to: it opens for one data set on one node alone. */
export interface ParcelBinding {
  readonly register: string;
  readonly epoch: string;
  readonly receiver: string;
}

/** Whom it is encrypted for, as it travels. */
export const Recipient = z.object({
  suite: z.enum(["international", "national"]),
  publicKey: z.string().max(NAME_LENGTH_MAX),
});

const Text = z.string().max(TEXT_LENGTH_MAX);
const LegalBases = z
  .array(z.array(z.object({ law: z.object({ zh: Text, en: Text }), article: Text })).max(CITATIONS_MAX))
  .max(CITATIONS_IN_PARCEL_MAX);

/** A version as a copy receives it. */
export interface ReceivedVersion extends Omit<FeedVersion, "legalBasis"> {
  /** Digest of the citations, 32 hexadecimal digits. */
  readonly legalBasis: string;
}

export interface ParcelContent {
  readonly citations: readonly (readonly Citation[])[];
  readonly versions: readonly ReceivedVersion[];
}

/**
 * Seals as many versions, from the first on, as one answer holds.
 * @param versions with the attributes that the receiver may have alone
 * @returns base64, and how many they are: one at least
 */
export function sealParcel(
  versions: readonly FeedVersion[],
  citations: ReadonlyMap<string, readonly Citation[]>,
  to: { readonly recipient: RecipientKey; readonly binding: ParcelBinding },
): { readonly parcel: string; readonly packed: number } {
  const at = new Map([...citations.keys()].map((digest, which) => [digest, which]));
  const lines: string[] = [];
  let bytes = 0;
  for (const each of versions) {
    const {
      key,
      validFrom,
      validTo = null,
      recordedFrom,
      authority,
      legalBasis,
      actId,
      division,
      digest,
      value,
    } = each;
    const [basis, name] = [at.get(legalBasis) ?? 0, digest.toString("hex")];
    const line = JSON.stringify([
      key,
      validFrom,
      validTo,
      recordedFrom,
      authority,
      basis,
      actId,
      division,
      name,
      value,
    ]);
    bytes += Buffer.byteLength(line) + 1;
    if (lines.length > 0 && bytes > PARCEL_BYTES) break;
    lines.push(line);
  }
  const plaintext = utf8(`{"legalBases":${JSON.stringify([...citations.values()])},"versions":[${lines.join(",")}]}`);
  const { wrapped, keys } = sealFor(to.recipient, {
    randomness: randomBytes(RECIPIENT_RANDOMNESS_BYTES),
    info: infoOf(to.binding),
  });
  const content = sealPiece(keys, { index: 0, isLast: true, plaintext });
  const whole = concatBytes(Uint8Array.of(wrapped.length >> 8, wrapped.length & 0xff), wrapped, content);
  return { parcel: toBase64(whole), packed: lines.length };
}

/** @throws ERR_DATASETS_PARCEL where it was sealed for somebody else, was changed, or has another form */
export function openParcel(parcel: string, secret: RecipientSecret, binding: ParcelBinding): ParcelContent {
  // What is no base64 opens as little as what was changed.
  const bytes = new Uint8Array(Buffer.from(parcel, "base64"));
  const [high = 0, low = 0] = bytes;
  const begin = 2 + high * 256 + low;
  const keys = openFor(secret, { wrapped: bytes.slice(2, begin), info: infoOf(binding) });
  const plaintext = keys && openPiece(keys, { index: 0, isLast: true, ciphertext: bytes.subarray(begin) });
  if (plaintext === undefined) throw new Fault("ERR_DATASETS_PARCEL", { message: "it does not open" });
  return contentOf(plaintext);
}

function contentOf(plaintext: Uint8Array): ParcelContent {
  const { legalBases, versions } = JSON.parse(Buffer.from(plaintext).toString("utf8"));
  const parsed = LegalBases.safeParse(legalBases);
  if (!parsed.success || !Array.isArray(versions)) throw otherForm();
  const names = parsed.data.map(digestOf);
  return { citations: parsed.data, versions: versions.map((line) => versionOf(line, names)) };
}

const KEY = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DIGEST = /^[0-9a-f]{32}$/;

/** Of one line. Checked by hand: there are many, and a schema costs more than all else that is done to one. */
function versionOf(line: unknown, legalBases: readonly string[]): ReceivedVersion {
  if (!Array.isArray(line) || line.length !== VERSION_FIELDS) throw otherForm();
  const [key, validFrom, validTo, recordedFrom, authority, basis, actId, division, digest, value]: unknown[] = line;
  const legalBasis = typeof basis === "number" ? legalBases[basis] : undefined;
  const isWhole =
    isText(key, KEY) &&
    isText(digest, DIGEST) &&
    isShort(authority) &&
    isShort(actId) &&
    isShort(division) &&
    isInstant(validFrom) &&
    isInstant(recordedFrom) &&
    (validTo === null || (isInstant(validTo) && validTo > validFrom)) &&
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value);
  if (!isWhole || legalBasis === undefined) throw otherForm();
  return {
    ...{ key, validFrom, validTo: validTo ?? undefined, recordedFrom, authority, legalBasis, actId, division },
    digest: Buffer.from(digest, "hex"),
    value: value as ReceivedVersion["value"],
  };
}

const VERSION_FIELDS = 10;

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === "string" && form.test(value);
}

/** No text of a database has a zero character. */
function isShort(value: unknown): value is string {
  return typeof value === "string" && value.length <= TEXT_LENGTH_MAX && !value.includes("\0");
}

function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function otherForm(): Fault {
  return new Fault("ERR_DATASETS_PARCEL", { message: "another form" });
}

function infoOf({ register, epoch, receiver }: ParcelBinding): Uint8Array {
  return utf8(`zhengtong data set 1 ${register} ${epoch} ${receiver}`);
}
