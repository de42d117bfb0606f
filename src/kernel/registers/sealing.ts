import type { Vault } from "../vault/vault.ts";
import { CopyRows } from "./copy-rows.ts";
import { RegisterFault } from "./faults.ts";
import type { Micros } from "./instant.ts";
import type { RegisterShape } from "./shape.ts";
import { type StoredProvenance, type Value, VersionCodec } from "./version.ts";

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
  /** Whether rows begin with an ordinal. */
  readonly numbered: boolean;
}

export interface SealedRows {
  /** Rows of a binary COPY, without its beginning and end. */
  readonly data: Uint8Array;
  /** Rows that the schema lets pass but the tables cannot hold. */
  readonly tooBig: readonly { readonly at: number; readonly attribute: string | undefined }[];
}

/** Seals rows into COPY data. */
export class Sealer {
  readonly #task: SealingTask;
  readonly #codec: VersionCodec;
  readonly #copy: CopyRows;

  constructor(task: SealingTask, vault: Vault) {
    this.#task = task;
    this.#codec = new VersionCodec(task.shape, vault);
    this.#copy = new CopyRows({ named: task.shape.named !== undefined, numbered: task.numbered });
  }

  /** @param firstOrdinal of the first row; the others follow */
  seal(rows: readonly CheckedRow[], firstOrdinal: number): SealedRows {
    const { provenance, recordedFrom } = this.#task;
    const tooBig: { at: number; attribute: string | undefined }[] = [];
    for (const [at, { key, validFrom, value }] of rows.entries()) {
      try {
        const place = { key, validFrom, validTo: undefined, recordedFrom };
        this.#copy.add(this.#codec.encode(value, place, provenance), firstOrdinal + at);
      } catch (error) {
        if (!(error instanceof RegisterFault)) throw error;
        tooBig.push({ at, attribute: error.attribute });
      }
    }
    return { data: this.#copy.take(), tooBig };
  }
}
