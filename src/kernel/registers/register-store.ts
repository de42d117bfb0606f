import type { z } from "zod";
import type { Bind } from "#lib/cedar/row-sql";
import type { ObjectSchema, Register } from "../contract/contract.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import type { Act } from "../system/act.ts";
import type { Vault } from "../vault/vault.ts";
import {
  type DamagedVersion,
  damagedVersions,
  type ExportOptions,
  type ExportSource,
  exportEntries,
} from "./export-entries.ts";
import type { Entry, RegisterHandle } from "./handle.ts";
import {
  type ImportOptions,
  type ImportReport,
  type ImportRows,
  type ImportScope,
  importEntries,
} from "./import-entries.ts";
import { openHandle } from "./open-handle.ts";
import { type RegisterShape, shapeOf } from "./shape.ts";
import { type RegisterStatements, statementsOf } from "./statements.ts";
import { VersionCodec } from "./version.ts";

/** Of whom something was read or changed. */
export interface NotedSubject {
  readonly kind: "person" | "organization" | "official";
  readonly id: string;
  readonly attributes: readonly string[];
}

/** What a register needs of one act. */
export interface RegisterScope {
  /** The act's transaction once it has begun, the pool before. */
  reader(): Sql;
  /** Begins the act's transaction, once. */
  writer(): Promise<Transaction>;
  readonly act: Act;
  /** Who says what is written. */
  readonly authority: string;
  note(subject: NotedSubject): void;
  /** Which versions lists may show, as a condition on `v`; absent, all. The database does not give out the others. */
  readonly rows?: ((bind: Bind) => string) | undefined;
}

/** A register that is open: what its handles share. */
export interface OpenRegister<S extends ObjectSchema = ObjectSchema> {
  readonly declaration: Register<S>;
  readonly shape: RegisterShape;
  readonly statements: RegisterStatements;
  readonly codec: VersionCodec;
  readonly vault: Vault;
}

export interface RegisterStore<S extends ObjectSchema = ObjectSchema> extends OpenRegister<S> {
  /** `population.person` */
  readonly id: string;
  handle(scope: RegisterScope): RegisterHandle<S>;
  /** See `import-entries.ts`. */
  importEntries(scope: ImportScope, rows: ImportRows, options?: ImportOptions): Promise<ImportReport>;
  /** See `export-entries.ts`. */
  exportEntries(source: ExportSource, options: ExportOptions): AsyncIterable<Entry<z.output<S>>>;
  /** Versions that were changed behind the register's back. */
  damagedVersions(source: ExportSource): AsyncIterable<DamagedVersion>;
}

/** Opens a register whose tables `ensureRegister` made. Reads nothing yet. */
export function openRegister<S extends ObjectSchema>(options: {
  readonly room: string;
  readonly name: string;
  readonly declaration: Register<S>;
  readonly vault: Vault;
}): RegisterStore<S> {
  const { room, name, declaration, vault } = options;
  const shape = shapeOf(room, name, declaration);
  const register: OpenRegister<S> = {
    declaration,
    shape,
    statements: statementsOf(shape),
    codec: new VersionCodec(shape, vault),
    vault,
  };
  return Object.freeze<RegisterStore<S>>({
    ...register,
    id: shape.id,
    handle: (scope) => openHandle(register, scope),
    importEntries: (scope, rows, importOptions) => importEntries(register, scope, rows, importOptions),
    exportEntries: (source, exportOptions) => exportEntries(register, source, exportOptions),
    damagedVersions: (source) => damagedVersions(register, source),
  });
}
