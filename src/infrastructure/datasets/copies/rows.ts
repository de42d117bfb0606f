import { Fault } from "#kernel/errors/fault";
import { canonicalMembers, memberNames } from "#kernel/registers/canonical-members";
import { isoOf } from "#kernel/registers/instant";
import type { Vault } from "#kernel/vault/vault";
import { toBase64url } from "#lib/crypto/base64url";
import { fromUtf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { canonicalize } from "#lib/json/canonical";
import { type AttributeDescription, type Description, lookupsOf } from "../description.ts";
import type { ReceivedVersion } from "../parcel.ts";
import "../faults.ts";

/** Of the vault's key under which what is sensitive stands in copies. */
export const COPY_LABEL = "datasets.version";

export const ROW_COLUMNS =
  "copy, key, valid_from, valid_to, recorded_from, authority, legal_basis, act_id, division, digest, data, sealed, bound, found";

/** A row of a copy, as it is read. */
export interface CopyVersionRow {
  readonly key: string;
  readonly valid_from: number;
  readonly valid_to: number | null;
  readonly recorded_from: number;
  readonly authority: string;
  readonly legal_basis: Buffer;
  readonly act_id: string;
  readonly division: string;
  readonly digest: Buffer;
  readonly data: Record<string, unknown>;
  readonly sealed: Buffer;
  readonly bound: string;
}

export const READ_COLUMNS =
  "v.key, v.valid_from, v.valid_to, v.recorded_from, v.authority, v.legal_basis, v.act_id, v.division, v.digest, v.data, v.sealed, v.bound";

interface CopyPlace {
  readonly copy: number;
  readonly description: Description;
  readonly vault: Vault;
}

/**
 * Versions as lines of COPY. What is sensitive, and what the description does not know, is sealed under this node's keys.
 */
export function* copyLines(place: CopyPlace, versions: readonly ReceivedVersion[]): Generator<string> {
  const { copy, description, vault } = place;
  const open = memberNames(description.attributes.filter(({ sensitive }) => !sensitive));
  const isOpen = new Set(open.map(({ name }) => name));
  const lookups = lookupsOf(description);
  const batch = vault.batch(COPY_LABEL);
  const begun = versions.map((version) => {
    const data = canonicalMembers(version.value, open);
    const bound = boundOf(version, data);
    batch.add(JSON.stringify(secretOf(version.value, isOpen)), envelopePlace(copy, version.key, bound));
    const found = lookups.map((attribute) =>
      foundBy(vault, description.register, attribute, version.value[attribute.name]),
    );
    return { version, data, bound, found };
  });
  const sealed = batch.seal();
  const lines = begun.map(({ version, data, bound, found }, at) =>
    [
      ...[copy, version.key, version.validFrom, version.validTo ?? "\\N", version.recordedFrom],
      ...[escaped(version.authority), `\\\\x${version.legalBasis}`, escaped(version.actId), escaped(version.division)],
      `\\\\x${version.digest.toString("hex")}`,
      escaped(data),
      `\\\\x${Buffer.from(sealed[at] ?? []).toString("hex")}`,
      bound,
      `{${found.map((value) => value ?? "NULL").join(",")}}`,
    ].join("\t"),
  );
  if (lines.length > 0) yield `${lines.join("\n")}\n`;
}

function secretOf(value: Readonly<Record<string, unknown>>, isOpen: ReadonlySet<string>): Record<string, unknown> {
  const secret: Record<string, unknown> = {};
  for (const name of Object.keys(value)) if (!isOpen.has(name)) secret[name] = value[name];
  return secret;
}

function boundOf(
  version: Omit<ReceivedVersion, "value" | "legalBasis"> & { readonly legalBasis: string },
  data: string,
): string {
  const { key, validFrom, validTo, recordedFrom, authority, legalBasis, actId, division, digest } = version;
  // As JSON writes the list of them: only these three may need escapes, and they are mostly those of the version before.
  const ground = `${authority}\0${actId}\0${division}`;
  if (ground !== lastGround) {
    lastGround = ground;
    lastWritten = [authority, actId, division].map((text) => JSON.stringify(text));
  }
  const [by, act, where] = lastWritten;
  return sha256Hex(
    `["${key}",${validFrom},${validTo ?? null},${recordedFrom},${by},"${legalBasis}",${act},${where},"${digest.toString("hex")}"]${data}`,
  );
}

let lastGround: string | undefined;
let lastWritten: readonly string[] = [];

/** As `sealed-columns.ts` has it in SQL. */
function envelopePlace(copy: number, key: string, bound: string): string {
  return `${copy} ${key} ${bound}`;
}

/** What stands in the column of a lookup; null where there is nothing to find it by. */
export function foundBy(
  vault: Vault,
  register: string,
  attribute: AttributeDescription,
  value: unknown,
): string | null {
  return foundByAny(vault, register, attribute, value)[0] ?? null;
}

/** By which it is looked up: that one, and what other generations of the index key made of it. */
export function foundByAny(
  vault: Vault,
  register: string,
  { name }: AttributeDescription,
  value: unknown,
): readonly string[] {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return [];
  return value === "" ? [] : vault.blinds(`datasets.${register}.${name}`, String(value)).map(toBase64url);
}

const NEEDS_ESCAPE = /[\\\t\n\r]/;
const ESCAPED = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function escaped(text: string): string {
  return NEEDS_ESCAPE.test(text) ? text.replace(ESCAPED, (character) => ESCAPES[character] ?? "") : text;
}

/** A version of a copy, for whoever looks it up. */
export interface CopiedVersion {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** ISO 8601 UTC */
  readonly validFrom: string;
  readonly validTo: string | undefined;
  readonly recordedFrom: string;
  readonly authority: string;
  readonly legalBasis: string;
}

/** @throws ERR_DATASETS_DAMAGED where the row is not as it was received */
export function openRow(vault: Vault, copy: number, row: CopyVersionRow): CopiedVersion {
  const legalBasis = row.legal_basis.toString("hex");
  const { key, valid_from: validFrom, recorded_from: recordedFrom, authority, act_id: actId, division, digest } = row;
  const validTo = row.valid_to ?? undefined;
  const data = canonicalize(row.data);
  const bound = boundOf(
    { key, validFrom, validTo, recordedFrom, authority, legalBasis, actId, division, digest },
    data,
  );
  const damaged = (cause?: unknown) => new Fault("ERR_DATASETS_DAMAGED", { message: `${copy} ${key}`, cause });
  if (bound !== row.bound) throw damaged();
  let secret: Record<string, unknown>;
  try {
    secret = JSON.parse(fromUtf8(vault.open(COPY_LABEL, row.sealed, envelopePlace(copy, key, bound))));
  } catch (cause) {
    throw damaged(cause);
  }
  return {
    ...{ key, authority, legalBasis, value: { ...row.data, ...secret } },
    ...{ validFrom: isoOf(validFrom), validTo: validTo === undefined ? undefined : isoOf(validTo) },
    recordedFrom: isoOf(recordedFrom),
  };
}
