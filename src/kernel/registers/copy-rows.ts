import { CopyFields, UTF8_MAX_BYTES } from "../database/copy-fields.ts";
import { assert } from "../errors/fault.ts";
import type { StoredProvenance, StoredVersion } from "./version.ts";

/** What a row needs at most beside its texts: lengths, fixed fields, terminators. */
const ROW_OVERHEAD_BYTES = 1_024;

export interface CopyRowsOptions {
  /** Whether the rows have the columns of the name search. */
  readonly named: boolean;
}

/** Rows without the beginning and the end of a COPY. */
export interface CopyData {
  readonly data: Uint8Array;
  /** Where each row ends. */
  readonly ends: Uint32Array;
}

/** Collects versions for a binary COPY; `take` gives what was collected. */
export class CopyRows {
  readonly #options: CopyRowsOptions;
  readonly #fields = new CopyFields();
  #ends: number[] = [];
  #said: { readonly actId: string; readonly authority: string; readonly fields: Buffer } | undefined;

  constructor(options: CopyRowsOptions) {
    this.#options = options;
  }

  /** Columns in the order of `insertColumns`. Valid time is open. */
  add(version: Omit<StoredVersion, "sealed">, sealed: Uint8Array): void {
    assert(version.validTo === undefined, "an import brings open versions");
    const { named } = this.#options;
    const fields = this.#fields;
    fields.row(8 + version.lookups.length + 1 + (named ? 2 : 0), mostBytesOf(version, sealed));
    fields.uuid(version.key);
    fields.openRange(version.validFrom);
    this.#provenance(version);
    fields.jsonb(version.data);
    fields.bytes(sealed);
    for (const lookup of version.lookups) {
      if (lookup === null) fields.none();
      else if (typeof lookup === "string") fields.text(lookup);
      else fields.bytes(lookup);
    }
    fields.instant(version.recordedFrom);
    if (named) this.#name(version);
    this.#ends.push(fields.size);
  }

  #name({ words, sortKey }: Pick<StoredVersion, "words" | "sortKey">): void {
    if (words === null) this.#fields.none();
    else this.#fields.words(words);
    if (sortKey === null) this.#fields.none();
    else this.#fields.text(sortKey);
  }

  /** What was collected since the last time; a copy of its own size, which can be handed to another thread. */
  take(): CopyData {
    const taken = { data: new Uint8Array(this.#fields.take()), ends: Uint32Array.from(this.#ends) };
    this.#ends = [];
    return taken;
  }

  /** The same for every row of one act: written once, then copied. */
  #provenance(version: StoredProvenance): void {
    const said = this.#said;
    const fields = this.#fields;
    if (said !== undefined && said.actId === version.actId && said.authority === version.authority) {
      fields.again(said.fields);
      return;
    }
    const begun = fields.size;
    fields.text(version.authority);
    fields.hex(version.legalBasis);
    if (version.caseId === undefined) fields.none();
    else fields.text(version.caseId);
    fields.text(version.actId);
    this.#said = { actId: version.actId, authority: version.authority, fields: fields.since(begun) };
  }
}

function mostBytesOf(version: Omit<StoredVersion, "sealed">, sealed: Uint8Array): number {
  let characters = version.data.length + version.authority.length + version.actId.length;
  characters += (version.caseId?.length ?? 0) + (version.sortKey?.length ?? 0);
  let bytes = ROW_OVERHEAD_BYTES + sealed.length;
  for (const word of version.words ?? []) {
    characters += word.length;
    bytes += 4;
  }
  for (const lookup of version.lookups) {
    bytes += 4;
    if (lookup !== null) characters += lookup.length;
  }
  return bytes + characters * UTF8_MAX_BYTES;
}
