import { HASH_SIZE_BYTES } from "#lib/merkle/hash";
import type { HashReader } from "#lib/merkle/proof";
import { hashReader, TILE_WIDTH, type TileId } from "#lib/merkle/tile";
import type { Sql } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";

interface Piece {
  readonly hashes: Buffer;
  readonly ids: readonly number[];
}

/** The part of each round that lies in leaves $1 to $2 (without $2), in order. */
const LEAVES = `
  SELECT substr(leaf_hashes, from_leaf * 32 + 1, (to_leaf - from_leaf) * 32) AS hashes,
         entry_ids[from_leaf + 1 : to_leaf] AS ids
    FROM ledger.checkpoint,
         LATERAL (SELECT greatest($1::bigint - previous, 0)::int AS from_leaf,
                         (least($2::bigint, size) - previous)::int AS to_leaf) AS part
   WHERE size > $1 AND size <= (SELECT min(size) FROM ledger.checkpoint WHERE size >= $2)
     AND previous >= 0
   ORDER BY size`;

/** The hashes and the entries' ids of leaves `from` to `to` (without `to`). */
export async function readLeaves(
  sql: Sql,
  from: number,
  to: number,
): Promise<{ readonly hashes: Buffer; readonly ids: readonly number[] }> {
  const pieces = await sql.query<Piece>(LEAVES, [from, to]);
  const ids = pieces.flatMap((piece) => [...piece.ids]);
  const hashes = Buffer.concat(pieces.map((piece) => piece.hashes));
  if (ids.length !== to - from || hashes.length !== ids.length * HASH_SIZE_BYTES) {
    throw new Fault("ERR_LEDGER_TREE", { message: `leaves ${from} to ${to} are not all there` });
  }
  return { hashes, ids };
}

/** The bytes of one tile: its hashes, one after the other. */
export async function readTile(sql: Sql, { level, index, width }: TileId): Promise<Buffer> {
  const from = index * TILE_WIDTH;
  if (level === 0) return (await readLeaves(sql, from, from + width)).hashes;
  const rows = await sql.query<{ readonly hash: Buffer }>(
    "SELECT hash FROM ledger.node WHERE level = $1 AND index >= $2 AND index < $3 ORDER BY index",
    [level, from, from + width],
  );
  if (rows.length !== width) {
    throw new Fault("ERR_LEDGER_TREE", { message: `tile ${level}/${index} is not all there` });
  }
  return Buffer.concat(rows.map(({ hash }) => hash));
}

/** Reads node hashes of the tree of `size` entries. */
export function storedHashes(sql: Sql, size: number): HashReader {
  return hashReader(size, (tiles) => Promise.all(tiles.map((tile) => readTile(sql, tile))));
}

/** The same for several proofs under one checkpoint: each tile is read once. */
export function rememberedHashes(sql: Sql, size: number): HashReader {
  const known = new Map<string, Promise<Buffer>>();
  const read = (tile: TileId) => {
    const name = `${tile.level}/${tile.index}/${tile.width}`;
    const tileRead = known.get(name) ?? readTile(sql, tile);
    known.set(name, tileRead);
    return tileRead;
  };
  return hashReader(size, (tiles) => Promise.all(tiles.map(read)));
}
