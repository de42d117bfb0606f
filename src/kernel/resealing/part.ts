import type { Transaction } from "../database/sql.ts";

/** How a part went on. */
export interface Step {
  /** Where the next step begins. */
  readonly position: number;
  /** How far there is to go, as things are now. */
  readonly size: number;
  readonly resealed: number;
  /** What could not be opened: damaged, or its key is gone. It stays as it is. */
  readonly closed: number;
}

/** Something that is sealed: a column of a table, the versions of a register, the files. */
export interface SealedPart {
  readonly name: string;
  /** Seals a bounded piece anew; the position is written with it. */
  step(tx: Transaction, position: number): Promise<Step>;
}
