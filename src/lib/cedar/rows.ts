import type { CedarRequest } from "./expression.ts";
import { EvaluationError } from "./expression.ts";
import type { CompiledPolicy } from "./policy.ts";
import { askConcerned, type PolicyIndex } from "./policy-index.ts";
import { type Bind, type RowColumns, type RowQuestion, rowSql } from "./row-sql.ts";
import { UNKNOWN } from "./value.ts";

/** What a set of policies says of the rows of a list. */
export type RowsAnswer =
  | {
      readonly allowed: true;
      /** Permits that apply to all rows, or to some. */
      readonly reasons: readonly string[];
      /** Policies that say another thing of one row than of the other. */
      readonly byRow: readonly string[];
      /** Which rows may be read, as a condition in SQL that is never NULL; `undefined` where all may. */
      readonly where: ((bind: Bind) => string) | undefined;
    }
  | {
      readonly allowed: false;
      /** The forbids that apply to all rows; none where nothing permits any. */
      readonly reasons: readonly string[];
      /** Policies that have no value for any row: who must not be wrong denies. */
      readonly failed: readonly string[];
    };

/**
 * Decides about rows before they are read: each row of which {@link authorize} would say "allowed", and in which no policy fails, fulfils
 * the condition, and no other.
 * @param request with an `UNKNOWN` for each attribute that rows may have
 */
export function authorizeRows(index: PolicyIndex, request: CedarRequest, columns: RowColumns): RowsAnswer {
  const asking = new AskingRows(columns);
  askConcerned(index, request, asking);
  const { permits, forbids, failed, mayPermit, mayForbid } = asking;
  if (failed.length > 0 || forbids.length > 0) return { allowed: false, reasons: forbids.sort(), failed };
  if (permits.length === 0 && mayPermit.length === 0) return { allowed: false, reasons: [], failed };
  const reasons = [...permits, ...mayPermit.map(({ id }) => id)].sort();
  const byRow = [...mayPermit, ...mayForbid].map(({ id }) => id).sort();
  const all = permits.length > 0 && mayForbid.length === 0 && mayPermit.every(({ question }) => question.total);
  if (all) return { allowed: true, reasons, byRow, where: undefined };
  const where = (bind: Bind): string =>
    [
      ...(permits.length === 0
        ? [`(${mayPermit.map(({ question }) => question.write(bind)).join(" OR ")}) IS TRUE`]
        : []),
      // A permit that fails denies as well.
      ...mayPermit
        .filter(({ question }) => !question.total)
        .map(({ question }) => `(${question.write(bind)}) IS NOT NULL`),
      ...mayForbid.map(({ question }) => `(${question.write(bind)}) IS FALSE`),
    ].join(" AND ");
  return { allowed: true, reasons, byRow, where };
}

interface Pending {
  readonly id: string;
  readonly question: RowQuestion;
}

class AskingRows {
  readonly permits: string[] = [];
  readonly forbids: string[] = [];
  readonly failed: string[] = [];
  readonly mayPermit: Pending[] = [];
  readonly mayForbid: Pending[] = [];
  readonly #columns: RowColumns;

  constructor(columns: RowColumns) {
    this.#columns = columns;
  }

  ask(policy: CompiledPolicy, request: CedarRequest): void {
    const { id, effect } = policy;
    const found = this.#find(policy, request);
    if (found === false) return;
    if (found === "failed") this.failed.push(id);
    else if (found === true) (effect === "permit" ? this.permits : this.forbids).push(id);
    else (effect === "permit" ? this.mayPermit : this.mayForbid).push({ id, question: found });
  }

  #find({ applies, inScope, rows }: CompiledPolicy, request: CedarRequest) {
    try {
      if (rows === "none") {
        const known = applies(request);
        return known === UNKNOWN ? "failed" : known;
      }
      if (!inScope(request)) return false;
      return rows === "refused" ? "failed" : rowSql(rows, request, this.#columns);
    } catch (error) {
      if (error instanceof EvaluationError) return "failed";
      throw error;
    }
  }
}
