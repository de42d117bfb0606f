import { parseVerifierKey } from "#lib/merkle/note";
import { type KeyTerm, keyTerms, openSuccession, type Succession } from "#lib/merkle/succession";
import { formatSuiteVerifierKey } from "#lib/merkle/suite-note";
import type { Sql } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import type { CheckpointSigner } from "../ports.ts";

const SUCCESSIONS_FORMAT = "zhengtong-log-successions/1";

/** What the log's keys are today, and how they came: all that whoever knows one of them needs. */
export interface LogKeys {
  /** The one that signs, in C2SP vkey form. */
  readonly verifierKey: string;
  /** Those of every suite that sign, that one first. */
  readonly verifierKeys: readonly string[];
  /** Each succession as the signed note that it is, in the order of the log. */
  readonly successions: readonly string[];
  /** Which of them in the order of the log, the first is 1. */
  readonly generation: number;
}

/** The successions of a log, as signed notes. */
export async function successionNotes(sql: Sql): Promise<readonly string[]> {
  const rows = await sql.query<{ readonly note: string }>(
    "SELECT note FROM ledger.succession WHERE note IS NOT NULL ORDER BY generation",
  );
  return rows.map(({ note }) => note);
}

export async function logKeys(
  sql: Sql,
  first: Pick<CheckpointSigner, "verifierKey" | "furtherKeys">,
): Promise<LogKeys> {
  const successions = await successionNotes(sql);
  const last = successions.at(-1);
  const verifierKeys =
    last === undefined
      ? [first.verifierKey, ...(first.furtherKeys ?? [])]
      : openStored(last).next.map(formatSuiteVerifierKey);
  return { verifierKey: verifierKeys[0] ?? "", verifierKeys, successions, generation: successions.length + 1 };
}

/** What is served beside the log's key: from any of its keys the others are known (packages/verifier/README.md). */
export function successionsFile(log: {
  readonly origin: string;
  readonly verifierKey: string;
  readonly successions: readonly string[];
}): string {
  const { origin, verifierKey, successions } = log;
  return `${JSON.stringify({ format: SUCCESSIONS_FORMAT, origin, verifierKey, successions }, undefined, 1)}\n`;
}

/** Which key signs between which sizes, beginning with the first. */
export function termsOf(firstKey: string, notes: readonly string[]): readonly KeyTerm[] {
  const first = parseVerifierKey(firstKey);
  if (first === undefined) throw new Fault("ERR_LEDGER_SIGNER", { message: "the verifier key is malformed" });
  return keyTerms([first], notes.map(openStored));
}

/** The signer of today. @throws ERR_LEDGER_SIGNER where the keys at hand are not those that the log has */
export async function signerOfToday(
  sql: Sql,
  first: CheckpointSigner,
): Promise<{ readonly signer: CheckpointSigner; readonly generation: number }> {
  let signer = first;
  const notes = await successionNotes(sql);
  for (const { former, next } of notes.map(openStored)) {
    const before = former[0] && formatSuiteVerifierKey(former[0]);
    const after = await signer.successor?.();
    const isSame = before === signer.verifierKey && after?.verifierKey === (next[0] && formatSuiteVerifierKey(next[0]));
    if (after === undefined || !isSame)
      throw new Fault("ERR_LEDGER_SIGNER", { message: "the log was signed with other keys than those at hand" });
    signer = after;
  }
  return { signer, generation: notes.length + 1 };
}

/**
 * Says that another key is to follow; the sequencer does it with its next round.
 * @returns false where one is wanted already
 */
export async function wantSuccession(sql: Sql): Promise<boolean> {
  const made = await sql.execute(
    `INSERT INTO ledger.succession (generation) SELECT coalesce(max(generation), 1) + 1 FROM ledger.succession
     ON CONFLICT DO NOTHING`,
  );
  return made === 1;
}

/** Whether one is wanted that the sequencer has not come to yet. */
export async function isSuccessionWanted(sql: Sql): Promise<boolean> {
  const [row] = await sql.query("SELECT FROM ledger.succession WHERE note IS NULL");
  return row !== undefined;
}

function openStored(note: string): Succession {
  const found = openSuccession(note);
  if (found === undefined) throw new Fault("ERR_LEDGER_TREE", { message: "a stored succession is malformed" });
  return found;
}
