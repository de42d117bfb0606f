import { isText, type Text } from "#lib/language/text";

/** A stable code of a fault, safe to log, to count and to look up. */
export type FaultCode = `ERR_${string}`;

export interface FaultDetails {
  /** What went wrong, for the log: no personal data. */
  readonly message?: string;
  readonly cause?: unknown;
}

/**
 * Something that should not have happened: a defect, or a part of the world (database, disk, peer) that failed.
 * Expected refusals are values, not faults. The code never reaches a person's screen; its text may.
 */
export class Fault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, details: FaultDetails = {}) {
    const summary = faultText(code)?.en ?? code;
    super(
      details.message === undefined ? summary : `${summary}: ${details.message}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = "Fault";
    this.code = code;
  }
}

const FAULT_CODE = /^ERR_[A-Z0-9]+(?:_[A-Z0-9]+)*$/;

const table = new Map<FaultCode, Text>();

/**
 * Declares the faults of one folder, in its `faults.ts`. A code is declared once in the whole program; that every code in
 * use is declared, and every declared code is in use, is held by `errors/fault.test.ts`.
 */
export function defineFaults<const Faults extends Readonly<Record<FaultCode, Text>>>(faults: Faults): Faults {
  for (const [code, explanation] of Object.entries(faults)) {
    assert(FAULT_CODE.test(code), `fault code ${code} is not of the form ERR_UPPER_CASE`);
    assert(isText(explanation), `fault ${code} needs a zh and an en text`);
    assert(!table.has(code as FaultCode), `fault ${code} is declared twice`);
    table.set(code as FaultCode, explanation);
  }
  return Object.freeze(faults);
}

/** The bilingual text of a declared fault. */
export function faultText(code: FaultCode): Text | undefined {
  return table.get(code);
}

/** Whether an error is a fault, with this code when one is given. */
export function isFault(error: unknown, code?: FaultCode): error is Fault {
  return error instanceof Fault && (code === undefined || error.code === code);
}

/** States what the programmer holds true; a failure is a defect of the program, never of its input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) {
    const fault = new Fault("ERR_ASSERTION", { message });
    Error.captureStackTrace(fault, assert);
    throw fault;
  }
}
