import { assert } from "../errors/fault.ts";
import type { SealingBatch, Vault } from "../vault/vault.ts";
import { type CopyData, CopyRows } from "./copy-rows.ts";
import { RegisterFault } from "./faults.ts";
import type { Micros } from "./instant.ts";
import type { RegisterShape } from "./shape.ts";
import { type ReadyVersion, type StoredProvenance, type Value, VersionCodec } from "./version.ts";

/** A row that fits its register's declaration. */
export interface CheckedRow {
  readonly key: string;
  readonly validFrom: Micros;
  readonly value: Value;
}

/** What all rows of one import have in common. Plain data: a thread can be given it. */
export interface SealingTask {
  readonly shape: RegisterShape;
  readonly provenance: StoredProvenance;
  readonly recordedFrom: Micros;
  /** Whether the unique values of the rows are told beside their data. */
  readonly tellsUnique: boolean;
}

export interface SealedRows extends CopyData {
  /** When asked for: of each unique attribute, in the order of the shape, the value of each row as its column has it. */
  readonly unique: readonly (readonly UniqueValue[])[];
  /** Likewise, as other generations of the index key made them: an array for each of these. */
  readonly rivals: readonly (readonly (readonly UniqueValue[])[])[];
  /** Rows that the schema lets pass but the tables cannot hold. */
  readonly tooBig: readonly { readonly at: number; readonly attribute: string | undefined }[];
}

/** Of a sensitive attribute its blind index, one character a byte; null where the row has none. */
export type UniqueValue = string | null;

/** Seals rows into COPY data. */
export class Sealer {
  readonly #task: SealingTask;
  readonly #codec: VersionCodec;
  readonly #copy: CopyRows;
  readonly #batch: SealingBatch;
  readonly #uniqueAt: readonly number[];

  constructor(task: SealingTask, vault: Vault) {
    const { shape, tellsUnique } = task;
    this.#task = task;
    this.#codec = new VersionCodec(shape, vault);
    this.#copy = new CopyRows({ named: shape.named !== undefined });
    this.#batch = vault.batch(this.#codec.label);
    this.#uniqueAt = tellsUnique
      ? [...shape.lookups.keys()].filter((at) => shape.lookups[at]?.lookup === "unique")
      : [];
  }

  seal(rows: readonly CheckedRow[]): SealedRows {
    const { provenance, recordedFrom } = this.#task;
    const versions: ReadyVersion["version"][] = [];
    const tooBig: { at: number; attribute: string | undefined }[] = [];
    for (const [at, { key, validFrom, value }] of rows.entries()) {
      try {
        const place = { key, validFrom, validTo: undefined, recordedFrom };
        const { version, secret, bound } = this.#codec.ready(value, place, provenance);
        this.#batch.add(secret, bound);
        versions.push(version);
      } catch (error) {
        if (!(error instanceof RegisterFault)) throw error;
        tooBig.push({ at, attribute: error.attribute });
      }
    }
    const sealed = this.#batch.seal();
    for (const [at, version] of versions.entries()) {
      const envelope = sealed[at];
      assert(envelope !== undefined, "each version was sealed");
      this.#copy.add(version, envelope);
    }
    const unique = this.#uniqueAt.map((at) => versions.map(({ lookups }) => uniqueValue(lookups[at] ?? null)));
    const rivals = this.#uniqueAt.map((at) => rivalsOf(this.#task.shape.lookups[at]?.column, versions));
    return { ...this.#copy.take(), unique, rivals, tooBig };
  }
}

/** One array for each other generation. */
function rivalsOf(
  column: string | undefined,
  versions: readonly ReadyVersion["version"][],
): readonly (readonly UniqueValue[])[] {
  const digests = versions.map(({ rivals }) => rivals.find((each) => each.column === column)?.digests ?? []);
  const generations = Math.max(0, ...digests.map(({ length }) => length));
  return Array.from({ length: generations }, (_, nth) => digests.map((each) => uniqueValue(each[nth] ?? null)));
}

function uniqueValue(stored: string | Uint8Array | null): UniqueValue {
  return stored instanceof Uint8Array ? String.fromCharCode(...stored) : stored;
}
