import type { z } from "zod";
import type { ObjectSchema } from "../contract/contract.ts";
import type { Entry, RegisterHandle } from "./handle.ts";
import { type Micros, microsOf } from "./instant.ts";
import { legalBasis, readLegalBases } from "./legal-bases.ts";
import { HISTORY_MAX_VERSIONS, SEEN_MAX_ENTRIES } from "./limits.ts";
import { find, search } from "./lists.ts";
import type { OpenRegister, RegisterScope } from "./register-store.ts";
import { subjectsOf } from "./subjects.ts";
import { timesOf, type Value, type VersionRow } from "./version.ts";
import { isKey, Writes } from "./writes.ts";

/** What one handle of one act knows. */
export class RegisterSession<S extends ObjectSchema> {
  readonly register: OpenRegister<S>;
  readonly scope: RegisterScope;
  /** Of entries that this act has read: when the version was recorded. A write notices when another was faster. */
  readonly #seen = new Map<string, Micros>();

  constructor(register: OpenRegister<S>, scope: RegisterScope) {
    this.register = register;
    this.scope = scope;
  }

  /** Opens rows, notes whom they concern, and remembers the versions that stand now. */
  async entries(rows: readonly VersionRow[]): Promise<readonly Entry<z.output<S>>[]> {
    const { codec, shape } = this.register;
    await readLegalBases(
      this.scope.reader(),
      rows.map((row) => row.legal_basis.toString("hex")),
      shape.id,
    );
    return rows.map((row) => {
      const value = codec.decode(row);
      this.note(row.key, value);
      if (row.recorded_to === null) this.#remember(row);
      return entryOf<z.output<S>>(row, value as z.output<S>, shape.id);
    });
  }

  note(key: string, value: Value): void {
    for (const subject of subjectsOf(this.register, key, value)) this.scope.note(subject);
  }

  /** Whether what this act read of the entry still stands among its versions. */
  isUpToDate(key: string, versions: readonly VersionRow[]): boolean {
    const seen = this.#seen.get(key);
    return seen === undefined || versions.some((row) => microsOf(row.recorded_from) === seen);
  }

  /** After a write of its own the act holds the entry's lock: nobody else can be faster any more. */
  forget(key: string): void {
    this.#seen.delete(key);
  }

  #remember(row: VersionRow): void {
    if (this.#seen.size < SEEN_MAX_ENTRIES) this.#seen.set(row.key, microsOf(row.recorded_from));
  }
}

function entryOf<V>(row: VersionRow, value: V, register: string): Entry<V> {
  return {
    key: row.key,
    value,
    ...timesOf(row),
    provenance: {
      authority: row.authority,
      legalBasis: legalBasis(row.legal_basis.toString("hex"), register),
      caseId: row.case_id ?? undefined,
      actId: row.act_id,
    },
  };
}

export function openHandle<S extends ObjectSchema>(register: OpenRegister<S>, scope: RegisterScope): RegisterHandle<S> {
  const session = new RegisterSession(register, scope);
  const writes = new Writes(session);
  const { statements } = register;
  const one = async (rows: Promise<readonly VersionRow[]>) => (await session.entries(await rows))[0];
  return Object.freeze<RegisterHandle<S>>({
    async get(key, at = {}) {
      if (!isKey(key)) return undefined;
      const asOf = at.asOf ?? scope.act.at;
      if (at.asKnownAt !== undefined) {
        return one(scope.reader().query<VersionRow>(statements.getAsKnown, [key, asOf, at.asKnownAt]));
      }
      const statement = at.asOf === undefined ? statements.get : statements.getAsOf;
      return one(scope.reader().query<VersionRow>(statement, [key, asOf]));
    },
    async lock(key) {
      if (!isKey(key)) return undefined;
      const tx = await scope.writer();
      const [, rows] = await Promise.all([
        tx.query(statements.lock, [writes.lockName(key)]),
        tx.query<VersionRow>(statements.get, [key, scope.act.at]),
      ]);
      return one(Promise.resolve(rows));
    },
    find: (where, options = {}) => find(session, where, options),
    search: (name, options = {}) => search(session, name, options),
    put: (value, options = {}) => writes.put(value, options),
    correct: (key, value, options = {}) => writes.correct(key, value, options),
    retire: (key, options = {}) => writes.retire(key, options),
    async history(key) {
      if (!isKey(key)) return [];
      return session.entries(await scope.reader().query<VersionRow>(statements.history, [key, HISTORY_MAX_VERSIONS]));
    },
  });
}
