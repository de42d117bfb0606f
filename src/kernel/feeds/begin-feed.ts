import { LONG_TRANSACTION_TIMEOUT_MS } from "../database/limits.ts";
import type { Database, Sql, Transaction } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import { randomBytes, randomUuid } from "../random.ts";
import { namesOf } from "../registers/definition.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import { identifier } from "../registers/shape.ts";
import { digestOf } from "./feed.ts";
import { LEAF_BITS, LEAF_BITS_DIVIDED } from "./limits.ts";

const SALT_BYTES = 16;
const LONG = { timeoutMs: LONG_TRANSACTION_TIMEOUT_MS, retries: 0 } as const;

/**
 * Begins a feed of a register, or goes on with one that was interrupted: from here on each change is noted, and what stands is summed
 * up. Writers wait while its index is built; not while it is summed up.
 * @param about.at ISO 8601 UTC
 * @param about.divisionAttribute an attribute that is not sensitive
 */
export async function beginFeed(
  database: Database,
  store: RegisterStore,
  about: { readonly at: string; readonly divisionAttribute: string | undefined },
): Promise<void> {
  const { divisionAttribute, at } = about;
  const attribute = store.shape.attributes.find(({ name }) => name === divisionAttribute);
  assert(divisionAttribute === undefined || attribute?.sensitive === false, `${store.id}: no attribute of divisions`);
  const state = await database.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('feed.begin', 0))");
    const [known] = await tx.query<{ id: number; state: string }>(
      "SELECT id, state FROM feed.feed WHERE register = $1",
      [store.id],
    );
    if (known !== undefined) {
      if (await isCaptured(tx, store)) return known.state;
      // The register's tables were made anew, which happens while nothing was recorded in them.
      await tx.script(capture(store, known.id));
      await tx.execute("UPDATE feed.feed SET state = 'preparing' WHERE id = $1", [known.id]);
      return "preparing";
    }
    const [made] = await tx.query<{ id: number }>(
      `INSERT INTO feed.feed (register, epoch, salt, division_attribute, leaf_bits, state)
       VALUES ($1, $2, $3, $4, $5, 'preparing') RETURNING id`,
      [
        ...[store.id, randomUuid(Date.parse(at)), Buffer.from(randomBytes(SALT_BYTES)), divisionAttribute ?? null],
        divisionAttribute === undefined ? LEAF_BITS : LEAF_BITS_DIVIDED,
      ],
    );
    assert(made, "an insert gives its row");
    await tx.script(capture(store, made.id));
    return "preparing";
  }, LONG);
  if (state === "preparing") await sumUp(database, store);
}

/** Whether changes of a register are noted: of all three tables that statements may name. */
async function isCaptured(sql: Sql, { shape }: RegisterStore): Promise<boolean> {
  const { current, open, ended } = namesOf(shape);
  const [row] = await sql.query<{ triggers: number }>(
    `SELECT count(*) AS triggers FROM pg_trigger
      WHERE tgrelid = ANY ($1::regclass[]) AND tgname IN ('feed_come', 'feed_gone', 'feed_changed') AND tgenabled <> 'D'`,
    [[current, open, ended]],
  );
  return row?.triggers === TRIGGERS;
}

/** Three on each of three tables. */
const TRIGGERS = 9;

/** Statements see the triggers of the table that they name: the register's own, or a part of it, but never both. */
function capture({ shape }: RegisterStore, feed: number): string {
  const { current, open, ended } = namesOf(shape);
  const triggers = [current, open, ended].map(
    (table) => `
    CREATE OR REPLACE TRIGGER feed_come AFTER INSERT ON ${table} REFERENCING NEW TABLE AS come
      FOR EACH STATEMENT EXECUTE FUNCTION feed.note('${feed}');
    CREATE OR REPLACE TRIGGER feed_gone AFTER DELETE ON ${table} REFERENCING OLD TABLE AS gone
      FOR EACH STATEMENT EXECUTE FUNCTION feed.note('${feed}');
    CREATE OR REPLACE TRIGGER feed_changed AFTER UPDATE ON ${table} REFERENCING OLD TABLE AS gone NEW TABLE AS come
      FOR EACH STATEMENT EXECUTE FUNCTION feed.note('${feed}');`,
  );
  const indexes = ([open, ended] as const).map((table, at) => {
    const name = identifier(shape.table, at === 0 ? "open" : "ended", "place");
    return `CREATE INDEX IF NOT EXISTS "${name}" ON ${table} (feed.place(key), key);`;
  });
  return [...triggers, ...indexes].join("\n");
}

/**
 * Sums up anew what stands at the feed's position: all that is in the register, without what has no position yet. One statement sees
 * both as of one moment; nobody gives positions meanwhile.
 */
export async function sumUp(database: Database, store: RegisterStore): Promise<void> {
  await database.transaction(async (tx) => {
    const [feed] = await tx.query<{ id: number }>("SELECT id FROM feed.feed WHERE register = $1 FOR UPDATE", [
      store.id,
    ]);
    assert(feed, `${store.id} has a feed`);
    await tx.execute("DELETE FROM feed.leaf WHERE feed = $1", [feed.id]);
    await tx.execute("DELETE FROM feed.total WHERE feed = $1", [feed.id]);
    await tx.execute(
      `WITH f AS (SELECT * FROM feed.feed WHERE id = $1),
       standing AS (
         SELECT coalesce(v.data ->> f.division_attribute, '') AS division, feed.place(v.key) >> (16 - f.leaf_bits) AS leaf,
                1 AS entries, ${digestOf("f.salt")} AS digest
           FROM ${namesOf(store.shape).current} v, f
         UNION ALL
         SELECT p.division, feed.place(p.key) >> (16 - f.leaf_bits), CASE WHEN p.added THEN -1 ELSE 1 END, p.digest
           FROM feed.pending p, f WHERE p.feed = f.id)
       INSERT INTO feed.leaf (feed, division, leaf, entries, a, b)
       SELECT $1, division, leaf, sum(entries), bit_xor(substr(digest, 1, 8)::bigint), bit_xor(substr(digest, 9, 8)::bigint)
         FROM standing GROUP BY division, leaf`,
      [feed.id],
    );
    await totalUp(tx, feed.id);
    await tx.execute("UPDATE feed.feed SET state = 'ready' WHERE id = $1", [feed.id]);
  }, LONG);
}

async function totalUp(tx: Transaction, feed: number): Promise<void> {
  await tx.execute(
    `INSERT INTO feed.total (feed, division, entries, a, b)
     SELECT feed, division, sum(entries), bit_xor(a), bit_xor(b) FROM feed.leaf WHERE feed = $1 GROUP BY feed, division`,
    [feed],
  );
}
