/** What was found out about one file, in both languages. */

/** "unanchored": holds together, but nothing given says whose key it is. "pending": not in the log yet. */
export type Verdict = "valid" | "invalid" | "unanchored" | "pending";

export interface Finding {
  /** Stable, for programs. */
  readonly code: string;
  /** "good", "bad", or "note" for what changes nothing. */
  readonly weight: "good" | "bad" | "note" | "open";
  readonly zh: string;
  readonly en: string;
}

export interface Report {
  readonly kind: string;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** What the file says, once it may be believed. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A reason to refuse. Thrown by the parts, turned into a finding at the top. */
export class Refusal extends Error {
  readonly finding: Finding;

  /** @param weight "open" where this program could not look, which says nothing about the file */
  constructor(code: string, zh: string, en: string, weight: "bad" | "open" = "bad") {
    super(en);
    this.name = "Refusal";
    this.finding = { code, weight, zh, en };
  }
}

export function good(code: string, zh: string, en: string): Finding {
  return { code, weight: "good", zh, en };
}

export function note(code: string, zh: string, en: string): Finding {
  return { code, weight: "note", zh, en };
}

/** Something that this file alone cannot settle. */
export function open(code: string, zh: string, en: string): Finding {
  return { code, weight: "open", zh, en };
}

/** Runs a check: what it finds makes the report, what it refuses makes the file invalid. */
export async function examine(
  kind: string,
  check: (found: Finding[], facts: Record<string, unknown>) => void | Promise<void>,
): Promise<Report> {
  const findings: Finding[] = [];
  const facts: Record<string, unknown> = {};
  try {
    await check(findings, facts);
  } catch (error) {
    const finding = error instanceof Refusal ? error.finding : unreadable();
    findings.push(finding);
    if (finding.weight === "open") return { kind, verdict: "unanchored", findings, facts: {} };
    return { kind, verdict: "invalid", findings, facts: {} };
  }
  if (findings.some(({ weight }) => weight === "bad")) return { kind, verdict: "invalid", findings, facts: {} };
  if (findings.some(({ code }) => code === "pending")) return { kind, verdict: "pending", findings, facts };
  const verdict = findings.some(({ weight }) => weight === "open") ? "unanchored" : "valid";
  return { kind, verdict, findings, facts };
}

function unreadable(): Finding {
  return {
    code: "malformed",
    weight: "bad",
    zh: "文件格式有误，无法识读",
    en: "The file is malformed and cannot be read",
  };
}
