import { equalBytes, utf8 } from "#lib/crypto/bytes";
import { deriveKey } from "#lib/crypto/digest";
import { type DataKey, ENVELOPE_NONCE_BYTES, openAttribute, sealAttribute } from "#lib/crypto/envelope";
import { keepLooking } from "../database/keep-looking.ts";
import type { Database, Sql, Transaction } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import type { DataKeyGeneration, KeyMaterial } from "../ports.ts";
import { randomBytes } from "../random.ts";
import { dataKeysOf } from "../vault/vault.ts";
import type { LedgerEntry } from "./entry.ts";
import "./faults.ts";
import { lastEntryBefore } from "./old-contents.ts";
import { hasEnded, periodOf, spanOf } from "./period.ts";

/** What is asked of an entry to tell how long its content is kept. */
export type KeptEntry = Pick<LedgerEntry, "type" | "room" | "operation" | "at" | "secrecy">;

export interface PeriodKeysOptions {
  readonly database: Database;
  readonly material: KeyMaterial;
  /** How many years the content of an entry is kept; undefined: for good. */
  readonly yearsOf: (entry: KeptEntry) => number | undefined;
  /** Every number of years that an entry may have. */
  readonly classes: readonly number[];
  /** ISO 8601, UTC. */
  readonly now: () => string;
  readonly onFault?: ((fault: unknown) => void) | undefined;
}

interface Row {
  readonly period: string;
  readonly generation: string;
  readonly sealed: Buffer;
}

const SECRET_BYTES = 32;
const WRAPPING = { label: "zhengtong/ledger/period/1" };
/** No entry came into the log so long before the time that it tells. */
const EARLY_DAYS = 35;

/** The keys of periods that one process knows. */
export class PeriodKeys {
  readonly #options: PeriodKeysOptions;
  #secrets: ReadonlyMap<string, Uint8Array> = new Map();
  readonly #making = new Set<string>();
  /** The last ones found, since each entry asks: by years and month. */
  readonly #names = new Map<string, string | undefined>();

  constructor(options: PeriodKeysOptions) {
    this.#options = options;
  }

  /**
   * By which period the content of an entry is sealed, beside its generation; undefined where it is kept for good, or no key is at hand yet: nothing
   * waits for a key, and what was sealed without one is erased row by row all the same.
   */
  periodFor(entry: KeptEntry): string | undefined {
    // What is kept from its subject is kept until he could read it, however long that takes.
    if (entry.secrecy !== undefined) return undefined;
    const years = this.#options.yearsOf(entry);
    if (years === undefined) return undefined;
    const name = `${years} ${entry.at.slice(0, 7)}`;
    if (!this.#names.has(name)) {
      if (this.#names.size > NAMES_KEPT) this.#names.clear();
      this.#names.set(name, periodOf(entry.at, years));
    }
    const period = this.#names.get(name);
    if (period === undefined || this.#secrets.has(period)) return period;
    this.#makeSoon(period);
    return undefined;
  }

  secretOf(period: string): Uint8Array | undefined {
    return this.#secrets.get(period);
  }

  /** For threads that open contents: as things are now. */
  secrets(): ReadonlyMap<string, Uint8Array> {
    return this.#secrets;
  }

  now(): string {
    return this.#options.now();
  }

  /**
   * Reads the keys; makes those of this month and the next, so that they are there before they are needed; seals each under the generation that
   * seals now; and forgets what other processes destroyed.
   */
  async tend(): Promise<void> {
    const { database, classes, now } = this.#options;
    await this.#read();
    const month = now().slice(0, 7);
    const next = Temporal.PlainYearMonth.from(month).add({ months: 1 }).toString();
    const wanted = classes.flatMap((years) => [periodOf(`${month}-01`, years), periodOf(`${next}-01`, years)]);
    await this.#make(wanted.filter((period) => period !== undefined && !this.#secrets.has(period)) as string[]);
    const { current, destroyed } = dataKeysOf(this.#options.material);
    const rows = await readRows(database);
    const sealed = new Set(rows.filter(({ generation }) => generation === current.id).map(({ period }) => period));
    for (const [period, secret] of this.#secrets) {
      if (!sealed.has(period)) await insert(database, { period, secret, generation: current });
    }
    if (destroyed.size > 0) {
      await database.execute("DELETE FROM ledger.period_key WHERE generation = ANY($1::text[])", [[...destroyed]]);
    }
  }

  /** Those whose contents have all had their time, by what they are called. */
  async ended(): Promise<readonly string[]> {
    const periods = new Set((await readRows(this.#options.database)).map(({ period }) => period));
    return [...periods].filter((period) => hasEnded(period, this.now())).sort();
  }

  /** Whether the content of some entry is still there by this key: its contract lengthened the years since. */
  async isUsed(period: string): Promise<boolean> {
    const span = spanOf(period);
    if (span === undefined) return true;
    const { database } = this.#options;
    const before = Temporal.Instant.from(span.from).subtract({ hours: 24 * EARLY_DAYS });
    const low = await lastEntryBefore(database, before.toString());
    const [row] = await database.query<{ readonly used: boolean }>(
      `SELECT EXISTS (SELECT FROM ledger.entry e WHERE e.id > $1 AND octet_length(e.sealed) > 2
         AND position($2::bytea in substr(e.sealed, 3, get_byte(e.sealed, 1))) > 0) AS used`,
      [low, Buffer.from(`-${period}`)],
    );
    return row?.used !== false;
  }

  /** Destroys a key for ever, with the caller's transaction; {@link forget} when that has committed. */
  async destroy(tx: Transaction, period: string): Promise<boolean> {
    const rows = await tx.execute("DELETE FROM ledger.period_key WHERE period = $1", [period]);
    await tell(tx);
    return rows > 0;
  }

  forget(period: string): void {
    this.#secrets.get(period)?.fill(0);
    this.#secrets = new Map([...this.#secrets].filter(([name]) => name !== period));
  }

  #makeSoon(period: string): void {
    const { now, onFault } = this.#options;
    const span = spanOf(period);
    const at = Date.parse(now());
    // Of the months around now alone: what comes in with an older date does not bring keys back.
    const isNear = span && Math.abs(Date.parse(span.from) - at) < NEAR_MS && !hasEnded(period, now());
    if (!isNear || this.#making.has(period)) return;
    this.#making.add(period);
    this.#make([period])
      .catch((fault: unknown) => onFault?.(fault))
      .finally(() => this.#making.delete(period));
  }

  /** Several processes may make one at once: the first to be written is the one that all take. */
  async #make(periods: readonly string[]): Promise<void> {
    if (periods.length === 0) return;
    const { database, material } = this.#options;
    await database.transaction(async (tx) => {
      await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('zhengtong period keys', 0))");
      const known = new Set((await readRows(tx)).map(({ period }) => period));
      for (const period of periods) {
        if (known.has(period)) continue;
        await insert(tx, { period, secret: randomBytes(SECRET_BYTES), generation: dataKeysOf(material).current });
      }
      await tell(tx);
    });
    await this.#read();
  }

  async #read(): Promise<void> {
    const { database, material } = this.#options;
    const generations = new Map(dataKeysOf(material).all.map((each) => [each.id, each]));
    const found = new Map<string, Uint8Array>();
    for (const { period, generation, sealed } of await readRows(database)) {
      const by = generations.get(generation);
      if (by === undefined || found.has(period)) continue;
      const secret = this.#open(by, period, sealed);
      if (secret === undefined) continue;
      const known = this.#secrets.get(period);
      found.set(period, known !== undefined && equalBytes(known, secret) ? known : secret);
    }
    this.#secrets = found;
  }

  /** One that is damaged is reported, and closes its own period alone. */
  #open(generation: DataKeyGeneration, period: string, sealed: Uint8Array): Uint8Array | undefined {
    try {
      return openAttribute(wrappingKey(generation), sealed, place(period));
    } catch (cause) {
      this.#options.onFault?.(new Fault("ERR_LEDGER_PERIOD_KEY", { message: `${period} ${generation.id}`, cause }));
      return undefined;
    }
  }
}

/** Keeps a process up to date with what any process on the same database makes and destroys. Gives what stops it. */
export async function watchPeriodKeys(
  keys: PeriodKeys,
  database: Database,
  onFault: (fault: unknown) => void,
): Promise<() => Promise<void>> {
  return keepLooking({ database, channel: CHANNEL, everyMs: LOOK_AGAIN_MS, look: () => keys.tend(), onFault });
}

const CHANNEL = "ledger_period_keys";
const LOOK_AGAIN_MS = 3_600_000;
const NAMES_KEPT = 1_000;
const NEAR_MS = 70 * 24 * 3_600_000;

function wrappingKey({ id, secret, suite }: DataKeyGeneration): DataKey {
  return { id, bytes: deriveKey(secret, WRAPPING), suite };
}

function place(period: string): Uint8Array {
  return utf8(`ledger period ${period}`);
}

async function tell(sql: Sql): Promise<void> {
  await sql.query(`SELECT pg_notify('${CHANNEL}', '')`);
}

async function insert(
  sql: Sql,
  of: { readonly period: string; readonly secret: Uint8Array; readonly generation: DataKeyGeneration },
): Promise<void> {
  const { period, secret, generation } = of;
  const sealed = sealAttribute(wrappingKey(generation), secret, place(period), randomBytes(ENVELOPE_NONCE_BYTES));
  await sql.execute(
    "INSERT INTO ledger.period_key (period, generation, sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [period, generation.id, Buffer.from(sealed)],
  );
}

async function readRows(sql: Sql): Promise<readonly Row[]> {
  return await sql.query<Row>("SELECT period, generation, sealed FROM ledger.period_key ORDER BY period, generation");
}
