import { z } from "zod";
import type { Citation } from "#kernel/contract/citation";
import { Fault } from "#kernel/errors/fault";
import type { FeedVersion } from "#kernel/feeds/versions";
import { randomBytes } from "#kernel/random";
import { digestOf } from "#kernel/registers/legal-bases";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
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
import { CITATIONS_IN_PARCEL_MAX, CITATIONS_MAX, NAME_LENGTH_MAX, PARCEL_MAX_BYTES } from "./limits.ts";
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

const Text = z.string().max(4_000);
const CitationShape = z.object({ law: z.object({ zh: Text, en: Text }), article: Text });
const Instant = z.int();
const Content = z.object({
  legalBases: z.array(z.array(CitationShape).max(CITATIONS_MAX)).max(CITATIONS_IN_PARCEL_MAX),
  versions: z.array(
    z.tuple([
      z.uuid(),
      Instant,
      Instant.nullable(),
      Instant,
      Text,
      z.int().min(0).max(CITATIONS_IN_PARCEL_MAX),
      Text,
      z.string().max(NAME_LENGTH_MAX),
      z.string().regex(/^[0-9a-f]{32}$/),
      z.record(z.string().max(NAME_LENGTH_MAX), z.json()),
    ]),
  ),
});

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
 * @param versions with the attributes that the receiver may have alone
 * @returns base64
 */
export function sealParcel(
  versions: readonly FeedVersion[],
  citations: ReadonlyMap<string, readonly Citation[]>,
  to: { readonly recipient: RecipientKey; readonly binding: ParcelBinding },
): string {
  const at = new Map([...citations.keys()].map((digest, which) => [digest, which]));
  const plaintext = utf8(
    JSON.stringify({
      legalBases: [...citations.values()],
      versions: versions.map((each) => [
        ...[each.key, each.validFrom, each.validTo ?? null, each.recordedFrom, each.authority],
        ...[at.get(each.legalBasis) ?? 0, each.actId, each.division, each.digest.toString("hex"), each.value],
      ]),
    }),
  );
  if (plaintext.length > PARCEL_MAX_BYTES) throw new Fault("ERR_DATASETS_PARCEL", { message: "too long to send" });
  const { wrapped, keys } = sealFor(to.recipient, {
    randomness: randomBytes(RECIPIENT_RANDOMNESS_BYTES),
    info: infoOf(to.binding),
  });
  const content = sealPiece(keys, { index: 0, isLast: true, plaintext });
  return toBase64(concatBytes(Uint8Array.of(wrapped.length >> 8, wrapped.length & 0xff), wrapped, content));
}

/** @throws ERR_DATASETS_PARCEL where it was sealed for somebody else, was changed, or has another form */
export function openParcel(parcel: string, secret: RecipientSecret, binding: ParcelBinding): ParcelContent {
  const bytes = fromBase64(parcel);
  const [high = 0, low = 0] = bytes ?? [];
  const begin = 2 + high * 256 + low;
  const keys = bytes && openFor(secret, { wrapped: bytes.slice(2, begin), info: infoOf(binding) });
  const plaintext = keys && openPiece(keys, { index: 0, isLast: true, ciphertext: bytes.subarray(begin) });
  if (plaintext === undefined) throw new Fault("ERR_DATASETS_PARCEL", { message: "it does not open" });
  return contentOf(plaintext);
}

function contentOf(plaintext: Uint8Array): ParcelContent {
  const parsed = Content.safeParse(JSON.parse(Buffer.from(plaintext).toString("utf8")));
  if (!parsed.success) throw new Fault("ERR_DATASETS_PARCEL", { message: "another form" });
  const { legalBases, versions } = parsed.data;
  const names = legalBases.map(digestOf);
  return {
    citations: legalBases,
    versions: versions.map(
      ([key, validFrom, validTo, recordedFrom, authority, basis, actId, division, digest, value]) => {
        const legalBasis = names[basis];
        if (legalBasis === undefined || (validTo !== null && validTo <= validFrom)) {
          throw new Fault("ERR_DATASETS_PARCEL", { message: "a version that cannot be" });
        }
        return {
          ...{
            key: key.toLowerCase(),
            validFrom,
            validTo: validTo ?? undefined,
            recordedFrom,
            authority,
            legalBasis,
            actId,
          },
          ...{ division, digest: Buffer.from(digest, "hex"), value },
        };
      },
    ),
  };
}

function infoOf({ register, epoch, receiver }: ParcelBinding): Uint8Array {
  return utf8(`zhengtong data set 1 ${register} ${epoch} ${receiver}`);
}
