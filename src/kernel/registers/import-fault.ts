import { RegisterFault } from "./faults.ts";

/** What is wrong with one line of an import. Never a value: those may be personal data. */
export interface ImportProblem {
  /** Counted from 1, as an editor shows it. */
  readonly line: number;
  /** The attribute, dotted, where there is one. */
  readonly path: string;
  readonly problem: string;
}

/** Nothing was imported; every problem that was found is named, up to a limit. */
export class ImportFault extends RegisterFault {
  readonly problems: readonly ImportProblem[];

  constructor(register: string, problems: readonly ImportProblem[]) {
    const [first] = problems;
    const place = first === undefined ? "" : `line ${first.line} ${first.path} ${first.problem}`;
    super("ERR_REGISTER_IMPORT", { register, message: `${problems.length} problems, the first: ${place}` });
    this.name = "ImportFault";
    this.problems = problems;
  }
}

/** What a reader of a format throws for a line that it cannot read. */
export class LineFault extends Error {
  readonly line: number;

  constructor(line: number, problem: string) {
    super(problem);
    this.name = "LineFault";
    this.line = line;
  }
}
