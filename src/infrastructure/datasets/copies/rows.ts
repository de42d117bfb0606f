import { COPY_BEGINNING, COPY_END, CopyFields, UTF8_MAX_BYTES } from "#kernel/database/copy-fields";
import { Fault } from "#kernel/errors/fault";
import { canonicalMembers, type MemberNames, memberNames } from "#kernel/registers/canonical-members";
import { isoOf } from "#kernel/registers/instant";
import type { Vault } from "#kernel/vault/vault";
import { toBase64url } from "#lib/crypto/base64url";
import { fromUtf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { canonicalize } from "#lib/json/canonical";
import { type Description, lookupsOf } from "../description.ts";
import type { ReceivedVersion } from "../parcel.ts";
import "../faults.ts";

/** Of the vault's key under which what is sensitive stands in copies. */
export const COPY_LABEL = "datasets.version";

/** In the order in which {@link copyRows} writes them. */
export const ROW_COLUMNS =
  "copy, authority, legal_basis, act_id, division, key, valid_from, valid_to, recorded_from, digest, data, sealed, bound, found";
const ROW_FIELDS = 14;
/** What a row takes at most beside its texts: lengths and fields of one size. */
const ROW_OVERHEAD_BYTES = 512;

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
 * Versions as the rows of a binary COPY. What is sensitive, and what the description does not know, is sealed under this node's keys.
 */
export function* copyRows(place: CopyPlace, versions: readonly ReceivedVersion[]): Generator<Buffer> {
  const { copy, description, vault } = place;
  const members = membersOf(description);
  const lookups = lookupsOf(description);
  const batch = vault.batch(COPY_LABEL);
  const begun = versions.map((version) => {
    const data = canonicalMembers(version.value, members.open);
    const bound = boundOf(version, data);
    batch.add(secretText(version.value, members), envelopePlace(copy, version.key, bound));
    return { data, bound };
  });
  const sealed = batch.seal();
  const fields = new CopyFields();
  const grounds = new Grounds(fields, copy);
  for (const [at, version] of versions.entries()) {
    const { data, bound } = begun[at] as (typeof begun)[number];
    const envelope = sealed[at] as Uint8Array;
    const found = lookups.map(({ name }) => foundBy(vault, description.register, name, version.value[name]));
    fields.row(ROW_FIELDS, mostBytesOf(version, { data, envelope, found: found.length }));
    grounds.add(version);
    fields.uuid(version.key);
    fields.int8(version.validFrom);
    if (version.validTo === undefined) fields.none();
    else fields.int8(version.validTo);
    fields.int8(version.recordedFrom);
    fields.bytes(version.digest);
    fields.jsonb(data);
    fields.bytes(envelope);
    fields.ascii(bound);
    fields.texts(found);
  }
  yield COPY_BEGINNING;
  yield fields.take();
  yield COPY_END;
}

interface Members {
  readonly open: readonly MemberNames[];
  readonly closed: readonly MemberNames[];
  readonly isOpen: ReadonlySet<string>;
  readonly isKnown: ReadonlySet<string>;
}

function membersOf({ attributes }: Description): Members {
  const open = attributes.filter(({ sensitive }) => !sensitive);
  return {
    open: memberNames(open),
    closed: memberNames(attributes.filter(({ sensitive }) => sensitive)),
    isOpen: new Set(open.map(({ name }) => name)),
    isKnown: new Set(attributes.map(({ name }) => name)),
  };
}

/** The first fields of rows: mostly those of the version before, and then copied. */
class Grounds {
  readonly #fields: CopyFields;
  readonly #copy: number;
  #last: ReceivedVersion | undefined;
  #written: Buffer = Buffer.alloc(0);

  constructor(fields: CopyFields, copy: number) {
    this.#fields = fields;
    this.#copy = copy;
  }

  add(version: ReceivedVersion): void {
    const { authority, legalBasis, actId, division } = version;
    const last = this.#last;
    const same =
      last?.actId === actId &&
      last.division === division &&
      last.legalBasis === legalBasis &&
      last.authority === authority;
    if (same) {
      this.#fields.again(this.#written);
      return;
    }
    const begun = this.#fields.size;
    this.#fields.int4(this.#copy);
    this.#fields.text(authority);
    this.#fields.hex(legalBasis);
    this.#fields.text(actId);
    this.#fields.text(division);
    this.#last = version;
    this.#written = this.#fields.since(begun);
  }
}

function mostBytesOf(
  { authority, actId, division }: ReceivedVersion,
  { data, envelope, found }: { readonly data: string; readonly envelope: Uint8Array; readonly found: number },
): number {
  const characters = authority.length + actId.length + division.length + data.length;
  return ROW_OVERHEAD_BYTES + characters * UTF8_MAX_BYTES + envelope.length + found * FOUND_FIELD_BYTES;
}

/** 16 bytes in base64url, and their length. */
const FOUND_FIELD_BYTES = 26;

/** JSON of what is not open; quickly where the description knows all of it. */
function secretText(value: ReceivedVersion["value"], { closed, isKnown, isOpen }: Members): string {
  return Object.keys(value).every((name) => isKnown.has(name))
    ? canonicalMembers(value, closed)
    : JSON.stringify(secretOf(value, isOpen));
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
export function foundBy(vault: Vault, register: string, attribute: string, value: unknown): string | null {
  if (!isFindable(value)) return null;
  return toBase64url(vault.blind(labelOf(register, attribute), String(value)));
}

/** By which it is looked up: that one, and what other generations of the index key made of it. */
export function foundByAny(vault: Vault, register: string, attribute: string, value: unknown): readonly string[] {
  return isFindable(value) ? vault.blinds(labelOf(register, attribute), String(value)).map(toBase64url) : [];
}

function isFindable(value: unknown): value is string | number | boolean {
  return value !== "" && (typeof value === "string" || typeof value === "number" || typeof value === "boolean");
}

function labelOf(register: string, attribute: string): string {
  return `datasets.${register}.${attribute}`;
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
