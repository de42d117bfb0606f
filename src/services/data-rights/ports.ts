/** What this room needs of the node beyond the doors: entries of the ledger, for whom they concern, and whom a case concerns. */
import { Fault } from "#kernel/errors/fault";
import type { Act } from "#kernel/system/act";
import "./faults.ts";

export interface LookOnRecord {
  readonly subject: { readonly kind: "person" | "organization"; readonly id: string };
  readonly at: string;
  readonly room: string;
  readonly operation: string;
  readonly purpose: string;
  readonly legalBasis: readonly string[];
  readonly caseId: string | undefined;
  readonly actor: {
    readonly kind: string;
    readonly id: string;
    readonly post?: string | undefined;
    readonly authority?: string | undefined;
  };
}

/** Whom a case concerns. */
export interface ConcernedIn {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly subjects: readonly {
    readonly kind: "person" | "organization";
    readonly id: string;
    readonly name: string;
  }[];
}

export interface DataRightsPorts {
  /** Writes to who answers objections, where they confirmed an address. The same id is sent once. */
  remind(due: {
    readonly id: string;
    readonly number: string;
    readonly answerBy: string;
    readonly kind: "soon" | "over";
  }): Promise<void>;
  /** Those whom a case concerns, where the official who acts may read it; the look at the case is on record. */
  concernedIn(act: Act, caseNumber: string): Promise<ConcernedIn | undefined>;
  /** An entry that concerns whoever acts, or the organization for which they act; undefined where it does not, or is lawfully withheld. */
  lookOf(act: Act, entryId: number): Promise<LookOnRecord | undefined>;
}

let provided: DataRightsPorts | undefined;

/** Gives the room its ports, once, before its first operation. A node that is composed anew in the same process gives its own. */
export function provideDataRightsPorts(ports: DataRightsPorts): void {
  provided = ports;
}

/** @throws {Fault} ERR_DATA_RIGHTS_NO_PORTS */
export function dataRightsPorts(): DataRightsPorts {
  if (provided === undefined) throw new Fault("ERR_DATA_RIGHTS_NO_PORTS");
  return provided;
}
