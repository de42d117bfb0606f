import type { ObjectSchema, Register } from "../contract/contract.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import type { Act } from "../system/act.ts";
import type { Vault } from "../vault/vault.ts";
import type { RegisterHandle } from "./handle.ts";
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
  return Object.freeze({ ...register, id: shape.id, handle: (scope: RegisterScope) => openHandle(register, scope) });
}
