import pg from "pg";
import { Fault, type FaultCode } from "../errors/fault.ts";
import "./faults.ts";

/** A fault that the database reported. It never carries the values of the statement: those may be personal data. */
export class DatabaseFault extends Fault {
  /** The five characters of SQLSTATE, when the server answered at all. */
  readonly sqlState: string | undefined;
  readonly constraint: string | undefined;
  readonly table: string | undefined;

  constructor(code: FaultCode, details: DatabaseFaultDetails) {
    super(code, details);
    this.name = "DatabaseFault";
    this.sqlState = details.sqlState;
    this.constraint = details.constraint;
    this.table = details.table;
  }
}

interface DatabaseFaultDetails {
  readonly message?: string;
  readonly cause?: unknown;
  readonly sqlState?: string | undefined;
  readonly constraint?: string | undefined;
  readonly table?: string | undefined;
}

/** PostgreSQL's appendix A: exact states first, then classes. */
const BY_STATE: Readonly<Record<string, FaultCode>> = {
  "23502": "ERR_DATABASE_NOT_NULL",
  "23503": "ERR_DATABASE_FOREIGN_KEY",
  "23505": "ERR_DATABASE_UNIQUE",
  "23514": "ERR_DATABASE_CHECK",
  "23P01": "ERR_DATABASE_EXCLUSION",
  "25P02": "ERR_DATABASE_ABORTED",
  "25P03": "ERR_DATABASE_TIMEOUT",
  "25P04": "ERR_DATABASE_TIMEOUT",
  "40001": "ERR_DATABASE_CONFLICT",
  "40P01": "ERR_DATABASE_CONFLICT",
  "42501": "ERR_DATABASE_DENIED",
  "53100": "ERR_DATABASE_DISK_FULL",
  "53300": "ERR_DATABASE_BUSY",
  "55P03": "ERR_DATABASE_TIMEOUT",
  "57014": "ERR_DATABASE_TIMEOUT",
  "57P01": "ERR_DATABASE_UNREACHABLE",
  "57P02": "ERR_DATABASE_UNREACHABLE",
  "57P03": "ERR_DATABASE_UNREACHABLE",
};

const BY_CLASS: Readonly<Record<string, FaultCode>> = {
  "08": "ERR_DATABASE_UNREACHABLE",
  "22": "ERR_DATABASE_DATA",
  "28": "ERR_DATABASE_DENIED",
  "3D": "ERR_DATABASE_UNREACHABLE",
};

/** Classes whose primary message may quote a value of the statement. */
const QUOTES_VALUES = new Set(["22", "P0"]);

/** Turns what the server or the connection reported into a fault of ours; anything else (a defect) stays as it is. */
export function databaseFault(error: unknown): unknown {
  if (error instanceof Fault) return error;
  if (error instanceof pg.DatabaseError) return reportedFault(error);
  const message = error instanceof Error ? error.message : String(error);
  if (message === "Query read timeout") return new DatabaseFault("ERR_DATABASE_TIMEOUT", { message: "no answer" });
  if (message.startsWith("timeout exceeded when trying to connect")) {
    return new DatabaseFault("ERR_DATABASE_BUSY", { message });
  }
  if (message.startsWith("Cannot use a pool after")) return new DatabaseFault("ERR_DATABASE_CLOSED", {});
  if (!isConnectionFailure(error)) return error;
  return new DatabaseFault("ERR_DATABASE_UNREACHABLE", { message: connectionMessage(error), cause: error });
}

/** What `pg` says when a connection is gone has no code of its own. */
const CONNECTION_GONE = /connection (?:terminated|ended|error)|not queryable|client was closed|timeout expired|SSL/i;

function isConnectionFailure(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isConnectionFailure);
  if (!(error instanceof Error)) return false;
  return "syscall" in error || CONNECTION_GONE.test(error.message);
}

function reportedFault(error: pg.DatabaseError): DatabaseFault {
  const sqlState = error.code ?? "XX000";
  const sqlClass = sqlState.slice(0, 2);
  const code = BY_STATE[sqlState] ?? BY_CLASS[sqlClass] ?? "ERR_DATABASE_STATEMENT";
  const message = QUOTES_VALUES.has(sqlClass) ? `SQLSTATE ${sqlState}` : `${error.message} (SQLSTATE ${sqlState})`;
  return new DatabaseFault(code, { message, sqlState, constraint: error.constraint, table: error.table });
}

/** Node reports a refused connection to a name with two addresses as an AggregateError without a message. */
function connectionMessage(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map((each) => String(each?.message ?? each)).join("; ");
  return error instanceof Error ? error.message : String(error);
}

const STALE_PLAN = "cached plan must not change result type";

/** Whether the same transaction may simply be tried again. */
export function mayRetry(fault: unknown): boolean {
  if (!(fault instanceof DatabaseFault)) return false;
  return fault.code === "ERR_DATABASE_CONFLICT" || isStalePlan(fault);
}

/** A table changed under a prepared statement: the connection's plans are to be forgotten. */
export function isStalePlan(fault: unknown): boolean {
  return fault instanceof DatabaseFault && fault.sqlState === "0A000" && fault.message.includes(STALE_PLAN);
}
