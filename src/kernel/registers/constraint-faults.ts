import { DatabaseFault } from "../database/database-fault.ts";
import { keyConstraint, lookupConstraint } from "./definition.ts";
import { RegisterFault } from "./faults.ts";
import type { RegisterShape } from "./shape.ts";

/** Runs writes, and says in the register's own words what the database held against them. */
export async function withRegisterFaults<T>(shape: RegisterShape, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw registerFault(shape, error);
  }
}

function registerFault(shape: RegisterShape, error: unknown): unknown {
  if (!(error instanceof DatabaseFault) || error.constraint === undefined) return error;
  const { constraint } = error;
  if (constraint === keyConstraint(shape, "open") || constraint === keyConstraint(shape, "ended")) {
    return new RegisterFault("ERR_REGISTER_CONFLICT", { register: shape.id, cause: error });
  }
  const lookup = shape.lookups.find((each) =>
    (["open", "ended"] as const).some((part) => lookupConstraint(shape, each, part) === constraint),
  );
  if (lookup === undefined) return error;
  return new RegisterFault("ERR_REGISTER_NOT_UNIQUE", { register: shape.id, attribute: lookup.name, cause: error });
}
