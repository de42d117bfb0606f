import type { z } from "zod";
import { isUuid } from "#lib/crypto/uuid";
import type { ObjectSchema } from "../contract/contract.ts";
import type { Transaction } from "../database/sql.ts";
import { randomUuid } from "../random.ts";
import { withRegisterFaults } from "./constraint-faults.ts";
import { RegisterFault } from "./faults.ts";
import { isoOf, type Micros, microsOf, rangeOf } from "./instant.ts";
import { digestOf, storeLegalBasis } from "./legal-bases.ts";
import type { RegisterSession } from "./open-handle.ts";
import type { OpenRegister } from "./register-store.ts";
import { refuseRivals } from "./rivals.ts";
import { type Place, placeOf, type StoredVersion, type Value, type VersionRow } from "./version.ts";

/** The entry as its lock's holder finds it. */
interface Held {
  readonly versions: readonly VersionRow[];
  /** When what is written now is recorded: the instant of the act, and after everything recorded of this entry before. */
  readonly recordedFrom: Micros;
}

/**
 * Writes of one act to one register. What a write replaces goes to the superseded table as it was; what of it stays true (the
 * valid time before) is recorded anew, with the provenance of the act that ended it.
 */
export class Writes<S extends ObjectSchema> {
  readonly #session: RegisterSession<S>;
  readonly #register: OpenRegister<S>;
  #legalBasis: string | undefined;

  constructor(session: RegisterSession<S>) {
    this.#session = session;
    this.#register = session.register;
  }

  lockName(key: string): string {
    return `${this.#register.shape.id} ${key}`;
  }

  async put(input: unknown, options: { readonly key?: string; readonly validFrom?: string }): Promise<string> {
    const { act } = this.#session.scope;
    const value = parseValue(this.#register, input);
    const validFrom = microsOf(options.validFrom ?? act.at);
    const tx = await this.#session.scope.writer();
    if (options.key === undefined) {
      const key = randomUuid(Math.max(0, Math.floor(microsOf(act.at) / 1_000)));
      const place = { key, validFrom, validTo: undefined, recordedFrom: microsOf(act.at) };
      await this.#write(tx, [this.#version(value, place)]);
      this.#session.note(key, value);
      return key;
    }
    const key = this.#key(options.key);
    const held = await this.#hold(tx, key);
    const { recordedFrom } = held;
    await this.#write(
      tx,
      [...this.#before(held, validFrom), this.#version(value, { key, validFrom, validTo: undefined, recordedFrom })],
      { key, over: { from: validFrom, to: undefined }, recordedFrom },
    );
    this.#session.note(key, value);
    return key;
  }

  async correct(key: string, input: unknown, options: { readonly asOf?: string }): Promise<void> {
    const value = parseValue(this.#register, input);
    const now = microsOf(this.#session.scope.act.at);
    const { asOf } = options;
    // As `trueNow` has it: of what has begun, the latest counts.
    const instantOf = (each: Place) => (asOf === undefined ? Math.max(now, each.recordedFrom) : microsOf(asOf));
    const tx = await this.#session.scope.writer();
    const { versions, recordedFrom } = await this.#hold(tx, this.#key(key));
    const wrong = versions.map(placeOf).findLast((each) => each.validFrom <= instantOf(each));
    if (wrong === undefined || !reachesBeyond(wrong, instantOf(wrong))) throw this.#noVersion();
    const { validFrom, validTo } = wrong;
    await this.#write(tx, [this.#version(value, { key, validFrom, validTo, recordedFrom })], {
      key,
      over: { from: validFrom, to: validTo },
      recordedFrom,
    });
    this.#session.note(key, value);
  }

  async retire(key: string, options: { readonly validTo?: string }): Promise<void> {
    const end = microsOf(options.validTo ?? this.#session.scope.act.at);
    const tx = await this.#session.scope.writer();
    const held = await this.#hold(tx, this.#key(key));
    if (!held.versions.some((row) => reachesBeyond(placeOf(row), end))) throw this.#noVersion();
    await this.#write(tx, this.#before(held, end), {
      key,
      over: { from: end, to: undefined },
      recordedFrom: held.recordedFrom,
    });
  }

  /** Takes the entry's lock, then looks: the look has a snapshot of its own, from after the lock. */
  async #hold(tx: Transaction, key: string): Promise<Held> {
    const { statements, shape } = this.#register;
    const [, versions, superseded] = await Promise.all([
      tx.query(statements.lock, [this.lockName(key)]),
      tx.query<VersionRow>(statements.versions, [key]),
      tx.query<{ at: string | null }>(statements.lastSuperseded, [key]),
    ]);
    if (!this.#session.isUpToDate(key, versions)) {
      throw new RegisterFault("ERR_REGISTER_CONFLICT", { register: shape.id, message: key });
    }
    const last = superseded[0]?.at;
    const before = [
      ...versions.map((row) => row.recorded_from),
      ...(last === null || last === undefined ? [] : [last]),
    ];
    const recordedFrom = Math.max(microsOf(this.#session.scope.act.at), ...before.map((at) => microsOf(at) + 1));
    return { versions, recordedFrom };
  }

  /** What was true before an instant and stays so: versions that reach beyond it, cut off there. */
  #before(held: Held, end: Micros): readonly StoredVersion[] {
    return held.versions.flatMap((row) => {
      const place = placeOf(row);
      if (!reachesBeyond(place, end)) return [];
      const value = this.#register.codec.decode(row);
      this.#session.note(row.key, value);
      if (place.validFrom >= end) return [];
      return [this.#version(value, { ...place, validTo: end, recordedFrom: held.recordedFrom })];
    });
  }

  #version(value: Value, place: Place): StoredVersion {
    const { act, authority } = this.#session.scope;
    this.#legalBasis ??= digestOf(act.legalBasis);
    return this.#register.codec.encode(value, place, {
      authority,
      legalBasis: this.#legalBasis,
      caseId: act.caseId,
      actId: act.id,
    });
  }

  async #write(
    tx: Transaction,
    versions: readonly StoredVersion[],
    replaces?: {
      readonly key: string;
      readonly over: { readonly from: Micros; readonly to: Micros | undefined };
      readonly recordedFrom: Micros;
    },
  ): Promise<void> {
    const { shape, statements } = this.#register;
    const sent: Promise<unknown>[] = [storeLegalBasis(tx, this.#session.scope.act.legalBasis)];
    if (replaces !== undefined) {
      const { key, over, recordedFrom } = replaces;
      sent.push(tx.execute(statements.supersede, [key, rangeOf(over.from, over.to), isoOf(recordedFrom)]));
    }
    for (const version of versions) sent.push(tx.execute(statements.insert, this.#parameters(version)));
    await withRegisterFaults(shape, () => Promise.all(sent));
    await refuseRivals(tx, shape, versions);
    if (replaces !== undefined) this.#session.forget(replaces.key);
  }

  #parameters(version: StoredVersion): readonly unknown[] {
    return [
      version.key,
      rangeOf(version.validFrom, version.validTo),
      version.authority,
      Buffer.from(version.legalBasis, "hex"),
      version.caseId ?? null,
      version.actId,
      version.data,
      Buffer.from(version.sealed),
      ...version.lookups.map((each) => (each instanceof Uint8Array ? Buffer.from(each) : each)),
      isoOf(version.recordedFrom),
      ...(this.#register.shape.named === undefined ? [] : [version.words, version.sortKey]),
    ];
  }

  #key(key: string): string {
    if (isKey(key)) return key;
    throw new RegisterFault("ERR_REGISTER_VALUE", { register: this.#register.shape.id, message: "the key is no uuid" });
  }

  #noVersion(): RegisterFault {
    return new RegisterFault("ERR_REGISTER_NO_VERSION", { register: this.#register.shape.id });
  }
}

/** Whether a text can be the key of an entry. */
export function isKey(key: string): boolean {
  return isUuid(key);
}

/** @throws ERR_REGISTER_VALUE that names the attributes, not their values */
export function parseValue<S extends ObjectSchema>(register: OpenRegister<S>, input: unknown): z.output<S> & Value {
  const parsed = register.declaration.schema.safeParse(input);
  if (parsed.success) return parsed.data as z.output<S> & Value;
  const paths = parsed.error.issues.map((issue) => `${issue.path.join(".")} (${issue.code})`);
  throw new RegisterFault("ERR_REGISTER_VALUE", { register: register.shape.id, message: paths.join(", ") });
}

function reachesBeyond(place: Place, at: Micros): boolean {
  return place.validTo === undefined || place.validTo > at;
}
