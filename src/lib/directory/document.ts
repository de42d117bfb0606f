/** The document of a part: checked and bounded, in one canonical form. */
import { z } from "zod";
import { sha256Hex } from "#lib/crypto/digest";
import { canonicalize } from "#lib/json/canonical";
import { parseWitnessKey } from "#lib/merkle/cosignature";
import { parseSuiteVerifierKey } from "#lib/merkle/suite-note";
import type { PartDocument } from "./entries.ts";

export const DOCUMENT_MAX_CHARACTERS = 32 * 1024 * 1024;
export const NODES_MAX = 10_000;
export const HOSTINGS_MAX = 100_000;
export const AUTHORITIES_MAX = 100_000;
const RENUMBERINGS_MAX = 10_000;
const ANCHORS_MAX = 100;
const DELEGATIONS_MAX = 1_000;
const KEYS_MAX = 16;
const NAME_LENGTH_MAX = 100;
const ADDRESS_LENGTH_MAX = 300;
const KEY_LENGTH_MAX = 4_096;
const CERTIFICATE_LENGTH_MAX = 16_384;

export const NODE_CODE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The newest certificates that were struck; older ones have ended by themselves, and are not listed either. */
export const STRUCK_MAX = 16;

const Name = z.string().min(1).max(NAME_LENGTH_MAX);
const BothLanguages = z.object({ zh: Name, en: Name });
const Division = z.string().regex(/^\d{6}$/);
const NodeCode = z.string().regex(NODE_CODE);
const Room = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);
const Base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/);
const CertificateEnds = z
  .array(z.object({ certificate: z.string().regex(/^[0-9a-f]{64}$/), at: z.iso.datetime() }))
  .max(STRUCK_MAX);
/** An origin: no path, no user, no query, so that it is compared as a text. */
const origin = (scheme: RegExp) =>
  z
    .string()
    .max(ADDRESS_LENGTH_MAX)
    .refine((value) => scheme.test(value) && URL.parse(value)?.origin === value);
const VerifierKey = z
  .string()
  .max(KEY_LENGTH_MAX)
  .refine((line) => parseSuiteVerifierKey(line) !== undefined);
export const VerifierKeys = z.array(VerifierKey).min(1).max(KEYS_MAX);
/** One in use, and those before it: their signatures stay. */
export const COSIGNING_KEYS_MAX = 4;
export const CosigningKeys = z
  .array(
    z
      .string()
      .max(KEY_LENGTH_MAX)
      .refine((line) => parseWitnessKey(line) !== undefined),
  )
  .max(COSIGNING_KEYS_MAX);
export const NodeKeySchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9._:/-]{1,120}$/),
  suite: z.enum(["international", "national", "hybrid"]),
  publicKey: Base64.max(KEY_LENGTH_MAX),
});
const NodeKeys = z
  .array(NodeKeySchema)
  .max(KEYS_MAX)
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length);

export const NodeEntrySchema = z
  .object({
    code: NodeCode,
    name: BothLanguages,
    zone: z.enum(["intranet", "extranet", "internet"]),
    division: Division,
    above: NodeCode.optional(),
    exchange: origin(/^https:/).optional(),
    site: origin(/^https?:/).optional(),
    certificates: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(KEYS_MAX),
    endings: CertificateEnds.optional(),
    struck: CertificateEnds.optional(),
    signingKeys: NodeKeys,
    sealingKeys: NodeKeys,
    logKeys: z.array(VerifierKey).max(KEYS_MAX),
    cosigningKeys: CosigningKeys.optional(),
    /** Always empty, in what editions before decision 0032 wrote: nobody ever filled or read it. */
    witnessKeys: z.array(z.never()).max(0).optional(),
    state: z.enum(["active", "leaving", "left"]),
  })
  // A node of the intranet neither connects to nor accepts from another zone: it has no address that anyone could try.
  .refine(({ zone, exchange, site }) => zone !== "intranet" || (exchange === undefined && site === undefined));

const AuthorityEntrySchema = z
  .object({
    id: z.uuid(),
    code: z.string().regex(/^[0-9A-Za-z-]{2,40}$/),
    name: BothLanguages,
    division: Division,
    parent: z.uuid().optional(),
    branch: z.enum(["party", "congress", "government", "cppcc", "supervision", "court", "procuratorate", "other"]),
    state: z.enum(["active", "merged", "abolished"]),
    into: z.uuid().optional(),
  })
  .refine(({ state, into }) => (state === "merged") === (into !== undefined));

const Document: z.ZodType<PartDocument> = z.object({
  division: Division,
  nodes: z.array(NodeEntrySchema).max(NODES_MAX),
  hostings: z.array(z.object({ room: Room, division: Division, node: NodeCode })).max(HOSTINGS_MAX),
  authorities: z.array(AuthorityEntrySchema).max(AUTHORITIES_MAX),
  renumberings: z
    .array(z.object({ from: Division, to: Division, since: z.iso.date() }).refine(({ from, to }) => from !== to))
    .max(RENUMBERINGS_MAX),
  anchors: z
    .array(z.object({ division: Division, name: BothLanguages, certificate: Base64.max(CERTIFICATE_LENGTH_MAX) }))
    .max(ANCHORS_MAX),
  delegations: z.array(z.object({ division: Division, keys: VerifierKeys })).max(DELEGATIONS_MAX),
});

/**
 * Writes a document in its one form.
 * @throws {RangeError} where it breaks a rule or a bound of the directory
 */
export function writeDocument(document: PartDocument): string {
  const checked = Document.safeParse(document);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new RangeError(`no document of the directory: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const text = canonicalize(checked.data);
  if (text.length > DOCUMENT_MAX_CHARACTERS) throw new RangeError("the document is too long");
  return text;
}

/**
 * Reads a document. Members that this version does not know are passed over.
 * @returns undefined where it is malformed, too long, or not in canonical form
 */
export function readDocument(text: string): PartDocument | undefined {
  if (text.length > DOCUMENT_MAX_CHARACTERS) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return canonicalize(value) === text ? Document.safeParse(value).data : undefined;
  } catch {
    return undefined;
  }
}

/** What a head says of its document. */
export function documentDigest(text: string): string {
  return sha256Hex(text);
}
