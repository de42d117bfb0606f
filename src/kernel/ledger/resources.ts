import { utf8 } from "#lib/crypto/bytes";
import { encodeBundle } from "#lib/merkle/entry-bundle";
import { parseTilePath, TILE_WIDTH, tileWidth } from "#lib/merkle/tile";
import type { Sql } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import { latestCheckpoint } from "./checkpoints.ts";
import { readEntryRows } from "./records.ts";
import { readLeaves, readTile } from "./tiles.ts";

/** A resource of C2SP tlog-tiles. */
export interface LogResource {
  readonly contentType: "text/plain; charset=utf-8" | "application/octet-stream";
  readonly bytes: Uint8Array;
  /** Full tiles never change; a checkpoint does, and a partial tile is superseded. */
  readonly immutable: boolean;
}

const LEVEL_MAX = 6;

/**
 * Reads `checkpoint`, `tile/<level>/<index>[.p/<width>]` or `tile/entries/<index>[.p/<width>]`.
 * @returns undefined for a path that is none, or a tile that the log does not have
 */
export async function readResource(sql: Sql, path: string): Promise<LogResource | undefined> {
  const checkpoint = await latestCheckpoint(sql);
  if (checkpoint === undefined) return undefined;
  if (path === "checkpoint") {
    return { contentType: "text/plain; charset=utf-8", bytes: utf8(checkpoint.note), immutable: false };
  }
  const parsed = parseTilePath(path);
  if (parsed === undefined) return undefined;
  const level = parsed.kind === "tile" ? parsed.id.level : 0;
  const { index, width } = parsed.id;
  if (level > LEVEL_MAX || width > tileWidth(checkpoint.size, level, index)) return undefined;
  const bytes =
    parsed.kind === "tile" ? await readTile(sql, parsed.id) : await readBundle(sql, index * TILE_WIDTH, width);
  return { contentType: "application/octet-stream", bytes, immutable: true };
}

async function readBundle(sql: Sql, from: number, width: number): Promise<Uint8Array> {
  const { ids } = await readLeaves(sql, from, from + width);
  const leaves = new Map((await readEntryRows(sql, ids)).map(({ id, leaf }) => [id, leaf]));
  return encodeBundle(
    ids.map((id) => {
      const leaf = leaves.get(id);
      if (leaf === undefined) throw new Fault("ERR_LEDGER_TREE", { message: `entry ${id} is gone` });
      return leaf;
    }),
  );
}
