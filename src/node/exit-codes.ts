import { type Fault, faultText, isFault } from "#kernel/errors/fault";
import { type Text, text } from "#lib/language/text";
import "./faults.ts";
import { ConfigurationFault } from "./configuration.ts";

/** What the process says when it ends. The numbers are a promise to whoever starts nodes; they are never reused. */
export const EXIT_CODES = {
  OK: 0,
  /** A defect, or a fault without a number of its own; also: tests or a verification failed. */
  FAILED: 1,
  /** The command line could not be understood. */
  USAGE: 2,
  CONFIGURATION: 10,
  PORT_TAKEN: 11,
  DATA_FOLDER_IN_USE: 12,
  DATA_FOLDER: 13,
  DATABASE_UNREACHABLE: 14,
  DATABASE_TOO_OLD: 15,
  DISK_FULL: 16,
  MIGRATION: 17,
  KEY_MATERIAL: 18,
  /** The embedded PostgreSQL is missing or did not start. */
  CLUSTER: 19,
  /** The launcher: Node older than 20, no runtime for this platform, or the dependencies could not be installed. */
  RUNTIME: 20,
  BACKUP: 21,
  /** The passphrase that opens the keys is missing or wrong, or a node that is no demonstration has none; nothing was changed. */
  PASSPHRASE: 22,
  /** The data folder that was named holds no node. */
  NO_NODE: 23,
  /** What was asked for was refused; the answer on stdout says by which code and why. */
  REFUSED: 24,
  /** Nobody answered, or not in time: the same again, under the same key, is done once. */
  UNAVAILABLE: 25,
  /** Ended by force: by a second Ctrl-C, or because stopping took too long. */
  INTERRUPTED: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const BY_FAULT: Readonly<Record<string, ExitCode>> = {
  ERR_ZONE_FIXED: EXIT_CODES.CONFIGURATION,
  ERR_BACKUP_DAMAGED: EXIT_CODES.BACKUP,
  ERR_BACKUP_TARGET: EXIT_CODES.BACKUP,
  ERR_BACKUP_PERIOD_KEYS: EXIT_CODES.BACKUP,
  ERR_CEREMONY: EXIT_CODES.KEY_MATERIAL,
  ERR_CEREMONY_SHARE: EXIT_CODES.KEY_MATERIAL,
  ERR_CLUSTER_BINARIES: EXIT_CODES.CLUSTER,
  ERR_CLUSTER_START: EXIT_CODES.CLUSTER,
  ERR_CONFIGURATION: EXIT_CODES.CONFIGURATION,
  ERR_DATA_FOLDER: EXIT_CODES.DATA_FOLDER,
  ERR_DATA_FOLDER_IN_USE: EXIT_CODES.DATA_FOLDER_IN_USE,
  ERR_DATABASE_DENIED: EXIT_CODES.DATABASE_UNREACHABLE,
  ERR_DATABASE_DISK_FULL: EXIT_CODES.DISK_FULL,
  ERR_DATABASE_TOO_OLD: EXIT_CODES.DATABASE_TOO_OLD,
  ERR_DATABASE_UNREACHABLE: EXIT_CODES.DATABASE_UNREACHABLE,
  ERR_DISK_FULL: EXIT_CODES.DISK_FULL,
  ERR_KEY_MATERIAL: EXIT_CODES.KEY_MATERIAL,
  ERR_MIGRATION_CHANGED: EXIT_CODES.MIGRATION,
  ERR_MIGRATION_FAILED: EXIT_CODES.MIGRATION,
  ERR_MIGRATION_FILES: EXIT_CODES.MIGRATION,
  ERR_SUITES_FIXED: EXIT_CODES.CONFIGURATION,
  ERR_TRUST_KEY_FILE: EXIT_CODES.KEY_MATERIAL,
  ERR_TRUST_KEY_PROCESSES: EXIT_CODES.KEY_MATERIAL,
  ERR_TRUST_RENEWING: EXIT_CODES.KEY_MATERIAL,
  ERR_TRUST_TOKEN: EXIT_CODES.KEY_MATERIAL,
  ERR_TRUST_KEY_BESIDE: EXIT_CODES.PASSPHRASE,
  ERR_TRUST_PASSPHRASE: EXIT_CODES.PASSPHRASE,
  ERR_NO_NODE: EXIT_CODES.NO_NODE,
  ERR_PORT_TAKEN: EXIT_CODES.PORT_TAKEN,
};

const BY_SYSTEM_CODE: Readonly<Record<string, ExitCode>> = {
  EADDRINUSE: EXIT_CODES.PORT_TAKEN,
  EACCES: EXIT_CODES.DATA_FOLDER,
  EDQUOT: EXIT_CODES.DISK_FULL,
  ENOSPC: EXIT_CODES.DISK_FULL,
};

/** The exit code of a process that ends because of this error. A full disk tells more than what failed because of it. */
export function exitCodeOf(error: unknown): ExitCode {
  const codes: ExitCode[] = [];
  for (let each = error; each instanceof Error; each = each.cause) {
    const code = (each as { code?: unknown }).code;
    const known = typeof code === "string" ? (BY_FAULT[code] ?? BY_SYSTEM_CODE[code]) : undefined;
    if (known !== undefined) codes.push(known);
  }
  return codes.includes(EXIT_CODES.DISK_FULL) ? EXIT_CODES.DISK_FULL : (codes[0] ?? EXIT_CODES.FAILED);
}

/** What to tell the operator, in one paragraph: the fault, and what it said of itself. */
export function explain(error: unknown): Text {
  if (!isFault(error)) {
    const detail = error instanceof Error ? error.message : String(error);
    return text(`出现未预料的错误：${detail}`, `Something unexpected went wrong: ${detail}`);
  }
  const summary = faultText(error.code) ?? text(error.code, error.code);
  if (error instanceof ConfigurationFault) return inEachLanguage(error, summary);
  const detail = detailOf(error, summary);
  const end = ` [${error.code}]`;
  return detail === ""
    ? text(`${summary.zh}${end}`, `${summary.en}${end}`)
    : text(`${summary.zh}：${detail}${end}`, `${summary.en}: ${detail}${end}`);
}

function inEachLanguage({ code, problems }: ConfigurationFault, summary: Text): Text {
  const told = (language: "zh" | "en") =>
    problems.map(({ variable, problem }) => `${variable}: ${problem[language]}`).join("; ");
  return text(`${summary.zh}：${told("zh")} [${code}]`, `${summary.en}: ${told("en")} [${code}]`);
}

function detailOf(fault: Fault, summary: Text): string {
  return fault.message.startsWith(summary.en)
    ? fault.message.slice(summary.en.length).replace(/^: /, "")
    : fault.message;
}
