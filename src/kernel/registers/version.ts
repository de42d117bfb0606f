import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { canonicalize } from "#lib/json/canonical";
import { nameQueryTokens, nameTokens } from "#lib/names/name-tokens";
import { sortKey } from "#lib/names/sort-key";
import type { Vault } from "../vault/vault.ts";
import { canonicalMembers, type MemberNames, memberNames } from "./canonical-members.ts";
import { RegisterFault } from "./faults.ts";
import { isoOf, type Micros, microsOf } from "./instant.ts";
import { VERSION_MAX_BYTES } from "./limits.ts";
import { lookupText } from "./lookup-text.ts";
import type { AttributeShape, RegisterShape } from "./shape.ts";

/** Who says it and why, as it is stored. */
export interface StoredProvenance {
  readonly authority: string;
  /** Of the citations: the first 16 bytes of a SHA-256, in hexadecimal. */
  readonly legalBasis: string;
  readonly caseId: string | undefined;
  readonly actId: string;
}

/** Where in time a version stands, and whose it is. */
export interface Place {
  readonly key: string;
  readonly validFrom: Micros;
  readonly validTo: Micros | undefined;
  readonly recordedFrom: Micros;
}

/** One version as the tables hold it. */
export interface StoredVersion extends Place, StoredProvenance {
  /** JSON of the attributes that are not sensitive. */
  readonly data: string;
  readonly sealed: Uint8Array;
  /** In the order of the shape's lookups. */
  readonly lookups: readonly (string | Uint8Array | null)[];
  /** What another entry may not have either: the same unique values, as other generations of the index key made them. */
  readonly rivals: readonly Rival[];
  readonly words: readonly string[] | null;
  readonly sortKey: string | null;
}

/** A unique value as other generations of the index key made it. */
export interface Rival {
  readonly column: string;
  readonly attribute: string;
  readonly digests: readonly Uint8Array[];
}

const NO_RIVALS: readonly Rival[] = [];

/** A version whose sensitive attributes are not sealed yet. */
export interface ReadyVersion {
  readonly version: Omit<StoredVersion, "sealed">;
  /** JSON of the sensitive attributes. */
  readonly secret: string;
  /** What their envelope is bound to. */
  readonly bound: string;
}

export type Value = Readonly<Record<string, unknown>>;

/** What a name must match: tokens that are stored as words, and first characters, which the sort key tells. */
export interface NameQuery {
  readonly words: readonly string[];
  readonly firsts: readonly { readonly word: string; readonly from: string; readonly to: string }[];
}

/** A row of any of the tables, as every SELECT of this folder names its columns. */
export interface VersionRow {
  readonly key: string;
  readonly valid_from: string;
  readonly valid_to: string | null;
  readonly recorded_from: string;
  readonly recorded_to: string | null;
  readonly authority: string;
  readonly legal_basis: Buffer;
  readonly case_id: string | null;
  readonly act_id: string;
  readonly data: Record<string, unknown>;
  readonly sealed: Buffer;
}

/** Sorts after every continuation of a key: its parts are joined by spaces. */
const AFTER_CONTINUATION = "!";
const BLIND_WORD_BYTES = 8;

/**
 * Turns values into what the tables hold and back. The sensitive attributes of a version are one envelope; everything else that
 * the row says is bound to it as associated data, so that no part of a row can be changed or moved without notice.
 */
export class VersionCodec {
  readonly #shape: RegisterShape;
  readonly #vault: Vault;
  readonly #label: string;
  readonly #open: readonly MemberNames[];
  readonly #secret: readonly MemberNames[];
  readonly #fallbacks: readonly AttributeShape[];
  readonly #uniqueSecrets: RegisterShape["lookups"];
  #last: { readonly provenance: StoredProvenance; readonly said: string } | undefined;
  #read: { readonly provenance: StoredProvenance; readonly said: string } | undefined;

  constructor(shape: RegisterShape, vault: Vault) {
    this.#shape = shape;
    this.#vault = vault;
    this.#label = `register.${shape.id}`;
    this.#open = memberNames(shape.attributes.filter((each) => !each.sensitive));
    this.#secret = memberNames(shape.attributes.filter((each) => each.sensitive));
    this.#uniqueSecrets = shape.lookups.filter((each) => each.sensitive && each.lookup === "unique");
    this.#fallbacks = shape.attributes.filter((each) => each.fallback !== undefined);
  }

  /** @throws ERR_REGISTER_VALUE when the tables cannot hold the value */
  encode(value: Value, place: Place, provenance: StoredProvenance): StoredVersion {
    const { version, secret, bound } = this.ready(value, place, provenance);
    return { ...version, sealed: this.#vault.seal(this.#label, utf8(secret), bound) };
  }

  /** What {@link encode} gives, for values that are sealed together: with the vault's batch of {@link label}. */
  ready(value: Value, place: Place, provenance: StoredProvenance): ReadyVersion {
    const data = this.#json(value, this.#open);
    const secret = this.#json(value, this.#secret);
    if (Buffer.byteLength(secret) > VERSION_MAX_BYTES || data.length > VERSION_MAX_BYTES) {
      throw new RegisterFault("ERR_REGISTER_VALUE", {
        register: this.#shape.id,
        message: `more than ${VERSION_MAX_BYTES} bytes`,
      });
    }
    const { key, validFrom, validTo, recordedFrom } = place;
    const { authority, legalBasis, caseId, actId } = provenance;
    const { words, sortKey: order } = this.#name(value);
    const lookups = this.#shape.lookups.map((each) => this.lookup(each, value[each.name]));
    const said = { authority, legalBasis, caseId, actId };
    return {
      version: {
        ...{ key, validFrom, validTo, recordedFrom, ...said, data, lookups, words, sortKey: order },
        rivals: this.#rivals(value),
      },
      secret,
      bound: boundTo(data, place, this.#saidBy(provenance)),
    };
  }

  /** Of the vault's key. */
  get label(): string {
    return this.#label;
  }

  /** Rows that are read one after the other mostly came with one act. */
  #saidByAgain(provenance: StoredProvenance): string {
    const last = this.#read;
    if (last !== undefined && isSameProvenance(last.provenance, provenance)) return last.said;
    const said = saidBy(provenance);
    this.#read = { provenance, said };
    return said;
  }

  /** All rows of an import have the same provenance. */
  #saidBy(provenance: StoredProvenance): string {
    if (this.#last?.provenance !== provenance) this.#last = { provenance, said: saidBy(provenance) };
    return this.#last.said;
  }

  /**
   * @throws ERR_REGISTER_DAMAGED when any part of the row is not as it was written
   */
  decode(row: VersionRow): Value {
    let plaintext: Uint8Array;
    try {
      plaintext = this.#vault.open(this.#label, row.sealed, this.#boundAgain(row, placeOf(row)));
    } catch (cause) {
      throw this.#damaged(row, cause);
    }
    return this.#valueOf(row, plaintext);
  }

  /** Decodes many at once, several times faster each where they were written by an import. @param places of the rows */
  decodeAll(rows: readonly VersionRow[], places: readonly Place[]): readonly Value[] {
    const sealed = rows.map((row, at) => {
      const place = places[at] as Place;
      try {
        return { sealed: row.sealed, associatedData: this.#boundAgain(row, place) };
      } catch (cause) {
        throw this.#damaged(row, cause);
      }
    });
    return this.#vault.openAll(this.#label, sealed).map((plaintext, at) => {
      const row = rows[at] as VersionRow;
      // Why it does not open is told by opening it alone.
      return plaintext === undefined ? this.decode(row) : this.#valueOf(row, plaintext);
    });
  }

  #boundAgain(row: VersionRow, place: Place): string {
    return boundTo(this.#canonical(row.data), place, this.#saidByAgain(provenanceOf(row)));
  }

  /** What `canonicalize` gives, without sorting where all members are known. */
  #canonical(data: Value): string {
    let known = 0;
    for (const { name } of this.#open) if (data[name] !== undefined) known += 1;
    return known === Object.keys(data).length ? canonicalMembers(data, this.#open) : canonicalize(data);
  }

  #damaged(row: VersionRow, cause: unknown): RegisterFault {
    return new RegisterFault("ERR_REGISTER_DAMAGED", {
      register: this.#shape.id,
      message: `the version of ${row.key} recorded at ${row.recorded_from}`,
      cause,
    });
  }

  #valueOf(row: VersionRow, plaintext: Uint8Array): Value {
    const value: Record<string, unknown> = { ...row.data };
    if (this.#secret.length > 0) Object.assign(value, JSON.parse(textOf(plaintext)));
    for (const attribute of this.#fallbacks) {
      if (value[attribute.name] === undefined) value[attribute.name] = structuredClone(attribute.fallback);
    }
    return value;
  }

  /** What the row's envelope holds, and what it is bound to: to be sealed anew. @throws when the row is not as it was written */
  opened(row: VersionRow): { readonly text: string; readonly bound: string } {
    const bound = boundTo(canonicalize(row.data), placeOf(row), saidBy(provenanceOf(row)));
    return { text: fromUtf8(this.#vault.open(this.#label, row.sealed, bound)), bound };
  }

  #json(value: Value, attributes: readonly MemberNames[]): string {
    try {
      return canonicalMembers(value, attributes);
    } catch (cause) {
      throw new RegisterFault("ERR_REGISTER_VALUE", { register: this.#shape.id, message: "not JSON", cause });
    }
  }

  /** What stands in the column of a lookup. */
  lookup(attribute: AttributeShape, value: unknown): string | Uint8Array | null {
    const text = lookupText(this.#shape, attribute, value);
    if (text === undefined) return null;
    return attribute.sensitive ? this.#vault.blind(`${this.#label}.${attribute.name}`, text) : text;
  }

  /** What may stand in the column where it was not written anew since the index key changed. */
  otherLookups(attribute: AttributeShape, value: unknown): readonly Uint8Array[] {
    const text = attribute.sensitive ? lookupText(this.#shape, attribute, value) : undefined;
    return text === undefined ? [] : this.#vault.otherBlinds(`${this.#label}.${attribute.name}`, text);
  }

  #rivals(value: Value): readonly Rival[] {
    if (this.#uniqueSecrets.length === 0 || !this.#vault.isRenamed) return NO_RIVALS;
    return this.#uniqueSecrets.flatMap((each) => {
      const digests = this.otherLookups(each, value[each.name]);
      return digests.length === 0 ? [] : [{ column: each.column, attribute: each.name, digests }];
    });
  }

  #name(value: Value): { readonly words: readonly string[] | null; readonly sortKey: string | null } {
    const { named } = this.#shape;
    const name = named === undefined ? undefined : value[named.name];
    if (named === undefined || name === undefined || name === null) return { words: null, sortKey: null };
    const tokens = nameTokens(String(name));
    if (named.sensitive) return { words: tokens.map((token) => this.#blindWord(named, token)), sortKey: "" };
    const key = sortKey(String(name));
    return { words: tokens.filter((token) => !(isCharacter(token) && beginsWith(key, firstKey(token)))), sortKey: key };
  }

  /** Undefined when there is nothing in the input to search by. */
  nameQuery(input: string): NameQuery | undefined {
    const { named } = this.#shape;
    if (named === undefined) return undefined;
    const tokens = nameQueryTokens(input);
    if (tokens.length === 0) return undefined;
    if (named.sensitive) return { words: tokens.map((token) => this.#blindWord(named, token)), firsts: [] };
    const firsts = tokens.filter(isCharacter).map((word) => {
      const from = firstKey(word);
      return { word, from, to: from + AFTER_CONTINUATION };
    });
    return { words: tokens.filter((token) => !isCharacter(token)), firsts };
  }

  /** A sensitive name is found by keyed digests of its words, and has no order. */
  #blindWord(attribute: AttributeShape, word: string): string {
    const digest = this.#vault.blind(`${this.#label}.${attribute.name}.word`, word);
    return Buffer.from(digest.subarray(0, BLIND_WORD_BYTES)).toString("base64url");
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}

/** What an envelope is bound to: all of the row that is not in it. */
function boundTo(canonicalData: string, place: Place, said: string): string {
  const { key, validFrom, validTo, recordedFrom } = place;
  return `${key} ${validFrom} ${validTo ?? "open"} ${recordedFrom} ${said}${canonicalData}`;
}

function isSameProvenance(one: StoredProvenance, other: StoredProvenance): boolean {
  return (
    one.actId === other.actId &&
    one.legalBasis === other.legalBasis &&
    one.authority === other.authority &&
    one.caseId === other.caseId
  );
}

function saidBy({ authority, legalBasis, caseId, actId }: StoredProvenance): string {
  return JSON.stringify([authority, legalBasis, caseId ?? null, actId]);
}

/** One Chinese character alone: so frequent as a surname that it is not stored as a word where the sort key tells it. */
function isCharacter(token: string): boolean {
  if (token.length > 2 || (token.length === 2 && !HIGH_SURROGATE.test(token))) return false;
  return /^[\p{Script=Han}〇]$/u.test(token);
}

const HIGH_SURROGATE = /^[\ud800-\udbff]/;

/** Sort keys of single characters, of which there are as many as there are characters. */
const firstKeys = new Map<string, string>();

function firstKey(character: string): string {
  let key = firstKeys.get(character);
  if (key === undefined) {
    key = sortKey(character);
    firstKeys.set(character, key);
  }
  return key;
}

function beginsWith(key: string, first: string): boolean {
  return first !== "" && (key === first || key.startsWith(`${first} `));
}

export function placeOf(row: VersionRow): Place {
  return {
    key: row.key,
    validFrom: microsOf(row.valid_from),
    validTo: row.valid_to === null ? undefined : microsOf(row.valid_to),
    recordedFrom: microsOf(row.recorded_from),
  };
}

function provenanceOf(row: VersionRow): StoredProvenance {
  return {
    authority: row.authority,
    legalBasis: row.legal_basis.toString("hex"),
    caseId: row.case_id ?? undefined,
    actId: row.act_id,
  };
}

/** The place in time as callers see it. */
export function timesOf(row: VersionRow): {
  readonly validFrom: string;
  readonly validTo: string | undefined;
  readonly recordedFrom: string;
  readonly recordedTo: string | undefined;
} {
  const place = placeOf(row);
  return {
    validFrom: isoOf(place.validFrom),
    validTo: place.validTo === undefined ? undefined : isoOf(place.validTo),
    recordedFrom: isoOf(place.recordedFrom),
    recordedTo: row.recorded_to === null ? undefined : isoOf(microsOf(row.recorded_to)),
  };
}
