import { formatCheckpoint, openCheckpoint } from "#lib/merkle/checkpoint";
import { appendLeaves, type CompactRange, rootOf } from "#lib/merkle/compact-range";
import { EMPTY_ROOT, HASH_SIZE_BYTES } from "#lib/merkle/hash";
import { parseVerifierKey } from "#lib/merkle/note";
import { formatSuccession, openSuccession } from "#lib/merkle/succession";
import type { Database } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import type { CheckpointSigner } from "../ports.ts";
import { type LogPosition, latestCheckpoint, type StoredCheckpoint } from "./checkpoints.ts";
import { ROUND_MAX_ENTRIES } from "./limits.ts";
import { signerOfToday } from "./successions.ts";

const TILE_HEIGHT = 8;

/**
 * Entries behind the cursor whose transactions have all ended: below the snapshot's xmin no further entry can appear, so
 * the order (era, xid, id) is final. A row of an earlier era is of a cluster that is gone, and final as well.
 */
const NEXT_ENTRIES = `
  WITH next AS (
    SELECT era, xid, id, leaf FROM ledger.entry
     WHERE (era, xid, id) > ($1, $2::xid8, $3)
       AND (era < $5 OR xid < pg_snapshot_xmin(pg_current_snapshot()))
     ORDER BY era, xid, id LIMIT $4)
  SELECT array_agg(id ORDER BY era, xid, id) AS ids,
         string_agg(sha256('\\x00'::bytea || leaf), ''::bytea ORDER BY era, xid, id) AS hashes,
         (array_agg(era ORDER BY era, xid, id))[count(*)] AS last_era,
         (array_agg(xid ORDER BY era, xid, id))[count(*)]::text AS last_xid,
         (SELECT generation FROM ledger.succession WHERE note IS NULL) AS wanted
    FROM next`;

const STORE_ROUND = `
  WITH node AS (
    INSERT INTO ledger.node (level, index, hash)
    SELECT * FROM unnest($10::smallint[], $11::bigint[], $12::bytea[])),
  followed AS (
    UPDATE ledger.succession SET size = $1, note = $3 WHERE generation = $14 AND note IS NULL)
  INSERT INTO ledger.checkpoint
    (size, previous, note, entry_ids, leaf_hashes, range_hashes, last_era, last_xid, last_id, generation)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8::xid8, $9, $13)`;

interface NextRow {
  readonly ids: readonly number[] | null;
  readonly hashes: Buffer | null;
  readonly last_era: number | null;
  readonly last_xid: string | null;
  /** The generation of keys that is to follow with this round. */
  readonly wanted: number | null;
}

/** What a round needs to know of the one before. */
export interface SequencerState {
  readonly checkpoint: StoredCheckpoint;
  readonly era: number;
  /** Of the log's keys today. */
  readonly signer: CheckpointSigner;
  readonly generation: number;
}

/** What a round did. */
export interface RoundReport {
  readonly size: number;
  readonly added: number;
  readonly note: string;
  /** Whether more entries may be waiting already. */
  readonly full: boolean;
  /** Why the log's key was not followed by another, though that is wanted; the round went on with the former. */
  readonly notFollowed?: unknown;
}

/** Reads where the last sequencer ended; makes the checkpoint of the empty log when there was none. */
export async function loadState(database: Database, first: CheckpointSigner): Promise<SequencerState> {
  const found = await latestCheckpoint(database);
  const today = await signerOfToday(database, first);
  if (found !== undefined) return { checkpoint: found, era: await currentEra(database, found.position), ...today };
  const position = { era: 1, xid: "0", id: 0 };
  const note = await signCheckpoint(today.signer, 0, EMPTY_ROOT);
  const checkpoint = { size: 0, note, rangeHashes: Buffer.alloc(0), position };
  const rows = { checkpoint, previous: -1, ids: [], hashes: Buffer.alloc(0), nodes: [], followedBy: undefined };
  await store(database, { ...rows, generation: today.generation });
  return { checkpoint, era: await currentEra(database, position), ...today };
}

/**
 * One round: at most {@link ROUND_MAX_ENTRIES} entries go into the tree and a checkpoint is signed, in one statement.
 * A kill before it leaves everything as it was; a second sequencer at the same size fails on `previous`. Where another key is to follow, that
 * checkpoint is the succession: the last of the former key and the first of the next.
 */
export async function runRound(
  database: Database,
  state: SequencerState,
): Promise<{ readonly state: SequencerState; readonly report: RoundReport | undefined }> {
  const { checkpoint, era, signer, generation } = state;
  const { position } = checkpoint;
  const values = [position.era, position.xid, position.id, ROUND_MAX_ENTRIES, era];
  const [row] = await database.query<NextRow>(NEXT_ENTRIES, values);
  const { ids, hashes, last_era, last_xid } = row ?? {};
  const lastId = ids?.at(-1);
  if (!ids || !hashes || !last_era || !last_xid || lastId === undefined) return { state, report: undefined };

  const nodes: NodeRow[] = [];
  const range = appendLeaves(rangeOf(checkpoint), split(hashes), (level, index, hash) => {
    if (level > 0 && level % TILE_HEIGHT === 0) nodes.push({ level: level / TILE_HEIGHT, index, hash });
  });
  const tree = { origin: signer.origin, size: range.size, root: rootOf(range) };
  const wanted = row?.wanted === generation + 1 ? await succession(signer, tree) : undefined;
  const followed = wanted?.followed;
  const note = followed?.note ?? (await signCheckpoint(signer, tree.size, tree.root));
  const next: StoredCheckpoint = {
    size: range.size,
    note,
    rangeHashes: Buffer.concat(range.hashes),
    position: { era: last_era, xid: last_xid, id: lastId },
  };
  const rows = { checkpoint: next, previous: checkpoint.size, ids, hashes, nodes, generation };
  await store(database, { ...rows, followedBy: followed && generation + 1 });
  const report = {
    ...{ size: range.size, added: ids.length, note, full: ids.length === ROUND_MAX_ENTRIES },
    ...(wanted?.fault !== undefined && { notFollowed: wanted.fault }),
  };
  const keys = followed ? { signer: followed.by, generation: generation + 1 } : { signer, generation };
  return { state: { checkpoint: next, era, ...keys }, report };
}

/** The log goes on under its key where another one cannot be had, or does not sign. */
async function succession(
  signer: CheckpointSigner,
  tree: { readonly origin: string; readonly size: number; readonly root: Uint8Array },
): Promise<{ readonly followed?: { readonly note: string; readonly by: CheckpointSigner }; readonly fault?: unknown }> {
  try {
    const by = await signer.successor?.();
    if (by === undefined) throw new Fault("ERR_LEDGER_SIGNER", { message: "no key is there to follow" });
    const keysOf = ({ verifierKey, furtherKeys = [] }: CheckpointSigner) => [verifierKey, ...furtherKeys];
    const text = formatSuccession(tree, { former: keysOf(signer), next: keysOf(by) });
    const note = `${text}\n${await signer.sign(text)}${await by.sign(text)}`;
    if (openSuccession(note) === undefined) throw new Fault("ERR_LEDGER_SIGNER");
    return { followed: { note, by } };
  } catch (fault) {
    return { fault };
  }
}

interface NodeRow {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

interface RoundRows {
  readonly checkpoint: StoredCheckpoint;
  readonly previous: number;
  readonly ids: readonly number[];
  readonly hashes: Buffer;
  readonly nodes: readonly NodeRow[];
  /** Of the keys that signed. */
  readonly generation: number;
  /** Of those that follow from here. */
  readonly followedBy: number | undefined;
}

async function store(
  database: Database,
  { checkpoint, previous, ids, hashes, nodes, generation, followedBy }: RoundRows,
): Promise<void> {
  const { size, note, rangeHashes, position } = checkpoint;
  await database.query(STORE_ROUND, [
    size,
    previous,
    note,
    ids,
    hashes,
    rangeHashes,
    position.era,
    position.xid,
    position.id,
    nodes.map(({ level }) => level),
    nodes.map(({ index }) => index),
    nodes.map(({ hash }) => Buffer.from(hash)),
    generation,
    followedBy ?? null,
  ]);
}

/**
 * The era of new entries. Transaction numbers that lie behind the log's show that this is another cluster (a restored
 * backup): a new era begins, in which they count from anew.
 */
async function currentEra(database: Database, position: LogPosition): Promise<number> {
  return await database.transaction(async (tx) => {
    const [row] = await tx.query<{ readonly era: number; readonly behind: boolean }>(
      `WITH written AS (SELECT era, xid FROM ledger.entry ORDER BY era DESC, xid DESC LIMIT 1),
            last AS (SELECT era, xid FROM written UNION ALL SELECT $1::int, $2::xid8
                      ORDER BY era DESC, xid DESC LIMIT 1),
            set_to AS (SELECT pg_get_expr(adbin, adrelid)::int AS era FROM pg_attrdef
                        WHERE adrelid = 'ledger.entry'::regclass
                          AND adnum = (SELECT attnum FROM pg_attribute
                                        WHERE attrelid = 'ledger.entry'::regclass AND attname = 'era'))
       SELECT set_to.era, last.era = set_to.era AND last.xid > pg_current_xact_id() AS behind FROM last, set_to`,
      [position.era, position.xid],
    );
    if (row === undefined) throw new Fault("ERR_LEDGER_TREE", { message: "the log has no era" });
    if (!row.behind) return row.era;
    await tx.script(`ALTER TABLE ledger.entry ALTER COLUMN era SET DEFAULT ${row.era + 1}`);
    return row.era + 1;
  });
}

async function signCheckpoint(signer: CheckpointSigner, size: number, root: Uint8Array): Promise<string> {
  const text = formatCheckpoint({ origin: signer.origin, size, root });
  const note = `${text}\n${await signer.sign(text)}`;
  const verifier = parseVerifierKey(signer.verifierKey);
  // Nobody could use a wrong signature, and it could not be taken back.
  if (verifier === undefined || openCheckpoint(note, verifier) === undefined) throw new Fault("ERR_LEDGER_SIGNER");
  return note;
}

function rangeOf({ size, rangeHashes }: StoredCheckpoint): CompactRange {
  return { size, hashes: [...split(rangeHashes)] };
}

function* split(hashes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < hashes.length; at += HASH_SIZE_BYTES) yield hashes.subarray(at, at + HASH_SIZE_BYTES);
}
