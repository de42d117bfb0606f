import { LONG_TRANSACTION_TIMEOUT_MS } from "#kernel/database/limits";
import type { LedgerEntry, LedgerEntryType, LedgerSubject } from "#kernel/ledger/entry";
import { ENTRY_MAX_SUBJECTS } from "#kernel/ledger/limits";
import { csvHeader, readCsv, writeCsv } from "#kernel/registers/csv";
import type { Entry } from "#kernel/registers/handle";
import { type ImportReport, importEntries } from "#kernel/registers/import-entries";
import { readNdjson, writeNdjson } from "#kernel/registers/ndjson";
import type { RegisterStore } from "#kernel/registers/register-store";
import type { ByteStream } from "#kernel/registers/text-lines";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { UnitOfWork } from "#kernel/system/unit-of-work";
import { text } from "#lib/language/text";
import { UsageError } from "./command.ts";
import { SubjectFile } from "./subject-file.ts";

/** One JSON object a line, or CSV with a header. */
export type RegisterFormat = "ndjson" | "csv";

/** The register `room.name`. */
export function registerNamed(kernel: Kernel, id: string): RegisterStore {
  const store = kernel.registers.get(id);
  if (store !== undefined) return store;
  const known = [...kernel.registers.keys()].join("、");
  throw new UsageError(text(`没有登记簿“${id}”。现有：${known}`, `There is no register "${id}"`));
}

/**
 * Imports a file: all of it or nothing. Its ledger entry, over the Merkle root of everyone it concerns, commits with the rows.
 * @throws ImportFault that names the lines
 */
export async function importRegister(
  kernel: Kernel,
  file: {
    readonly store: RegisterStore;
    readonly bytes: ByteStream;
    readonly format: RegisterFormat;
    readonly duplicates: "refuse" | "skip";
  },
): Promise<ImportReport> {
  const { store, bytes, format, duplicates } = file;
  const act = operatorAct(kernel, store);
  const rows = format === "csv" ? readCsv(bytes, store.shape) : readNdjson(bytes);
  using named = await SubjectFile.open(store.vault);
  return await kernel.database.transaction(
    async (tx) => {
      const scope = { tx, act, authority: kernel.authorityOf(roomOf(store)) };
      const report = await importEntries(store, scope, rows, { duplicates, subject: (id) => named.add(id) });
      // An entry has a bound; a longer list is several entries, each with the root of its part.
      for (const part of named.parts()) {
        await kernel.ledger.append(tx, [
          entryOf("import", { act, store, ids: part, outcome: `${report.imported} entries` }),
        ]);
      }
      return report;
    },
    { retries: 0, timeoutMs: LONG_TRANSACTION_TIMEOUT_MS },
  );
}

/** Exports what is valid at a time. Of each part, the ledger's entry commits before its first line leaves. */
export async function* exportRegister(
  kernel: Kernel,
  asked: { readonly store: RegisterStore; readonly format: RegisterFormat; readonly asOf: string },
): AsyncGenerator<string, void, undefined> {
  const { store, format, asOf } = asked;
  const act = operatorAct(kernel, store);
  let ids = new Set<string>();
  let lines: string[] = format === "csv" ? [csvHeader(store.shape)] : [];
  let rows = 0;
  let parts = 0;
  const flush = async () => {
    parts += 1;
    await kernel.ledger.append(kernel.database, [
      entryOf("export", { act, store, ids: [...ids], outcome: `${rows} entries` }),
    ]);
    const ready = lines.join("");
    [ids, lines, rows] = [new Set(), [], 0];
    return ready;
  };
  for await (const entry of store.exportEntries(kernel.database, { asOf, subject: (id) => ids.add(id) })) {
    lines.push(format === "csv" ? writeCsv(entry, store.shape) : writeNdjson(entry));
    rows += 1;
    if (ids.size >= EXPORT_PART_SUBJECTS || rows >= EXPORT_PART_SUBJECTS) yield await flush();
  }
  if (rows > 0 || parts === 0) yield await flush();
}

/** Below the bound of an entry: one row may concern several. */
const EXPORT_PART_SUBJECTS = ENTRY_MAX_SUBJECTS / 2;

/** Every version of one entry, oldest recorded first; the reading is on the record before it is shown. */
export async function historyOf(kernel: Kernel, store: RegisterStore, key: string): Promise<readonly Entry<unknown>[]> {
  const act = operatorAct(kernel, store);
  const unit = new UnitOfWork(kernel.database);
  const handle = store.handle({
    reader: () => unit.reader(),
    writer: () => unit.writer(),
    act,
    authority: kernel.authorityOf(roomOf(store)),
    note: (subject) => unit.note(subject),
  });
  const versions = await handle.history(key);
  await unit.abandon();
  const outcome = versions.length === 0 ? "not-found" : "answered";
  const entry = entryOf("read", { act, store, ids: [], outcome });
  await kernel.ledger.append(kernel.database, [{ ...entry, subjects: unit.subjects() }]);
  return versions;
}

/** The operator at the command line acts as the node, under the law that the register keeps itself by. */
function operatorAct(kernel: Kernel, store: RegisterStore): Act {
  return {
    id: kernel.newId(),
    principal: { kind: "node", room: roomOf(store) },
    purpose: "administration",
    legalBasis: store.declaration.legalBasis,
    zone: kernel.zone,
    language: "zh",
    at: kernel.now(),
  };
}

function roomOf(store: RegisterStore): string {
  return store.id.slice(0, store.id.indexOf("."));
}

function entryOf(
  type: LedgerEntryType & ("import" | "export" | "read"),
  about: {
    readonly act: Act;
    readonly store: RegisterStore;
    readonly ids: readonly string[];
    readonly outcome: string;
  },
): LedgerEntry {
  const { act, store, ids, outcome } = about;
  const { kind } = store.declaration.subject;
  const attributes = store.shape.attributes.map(({ name }) => name);
  const subjects: LedgerSubject[] = kind === "none" ? [] : ids.map((id) => ({ kind, id, attributes }));
  return {
    type,
    at: act.at,
    actId: act.id,
    room: roomOf(store),
    operation: `${store.id.slice(roomOf(store).length + 1)}.${type === "read" ? "history" : type}`,
    actor: { kind: "node", id: "command line" },
    purpose: "administration",
    legalBasis: act.legalBasis.map((citation) => `${citation.law.zh} ${citation.article}`),
    subjects,
    outcome,
  };
}
