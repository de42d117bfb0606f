import { HASH_SIZE_BYTES, nodeHash } from "./hash.ts";
import type { HashReader, NodeId } from "./proof.ts";

/** Hashes in a full tile, entries in a full bundle: C2SP tlog-tiles fixes the height at 8. */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const LEVEL_MAX = 6; // 256^7 leaves pass every tree size that a JavaScript number can hold

/** A tile: `level` 0 holds leaf hashes; `width` below 256 is a partial tile. */
export interface TileId {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** A bundle of entries beside a level-0 tile. */
export interface BundleId {
  readonly index: number;
  readonly width: number;
}

/** The path of a tile below the log's prefix: `tile/<level>/<index>[.p/<width>]`. */
export function tilePath({ level, index, width }: TileId): string {
  return `tile/${level}/${indexPath(index)}${partialPath(width)}`;
}

/** The path of a bundle below the log's prefix: `tile/entries/<index>[.p/<width>]`. */
export function bundlePath({ index, width }: BundleId): string {
  return `tile/entries/${indexPath(index)}${partialPath(width)}`;
}

const TILE_PATH =
  /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Reads a tile's or bundle's path, in its one valid spelling. */
export function parseTilePath(
  path: string,
): { readonly kind: "tile"; readonly id: TileId } | { readonly kind: "entries"; readonly id: BundleId } | undefined {
  const [, level, indexText, widthText] = TILE_PATH.exec(path) ?? [];
  if (level === undefined || indexText === undefined) return undefined;
  const index = Number(indexText.replaceAll("x", "").replaceAll("/", ""));
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText);
  if (widthText !== undefined && width >= TILE_WIDTH) return undefined;
  const id = { index, width };
  if (level === "entries") return bundlePath(id) === path ? { kind: "entries", id } : undefined;
  const tile = { level: Number(level), index, width };
  return tilePath(tile) === path ? { kind: "tile", id: tile } : undefined;
}

/** How many hashes the tile (level, index) has in a tree of `size` leaves; 0 when there is no such tile. */
export function tileWidth(size: number, level: number, index: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.min(TILE_WIDTH, Math.max(0, hashes - index * TILE_WIDTH));
}

/** The tiles, at every level, that a tree of `size` leaves has and a tree of `from` leaves had not. */
export function newTiles(from: number, size: number): readonly TileId[] {
  const tiles: TileId[] = [];
  for (let level = 0; level <= LEVEL_MAX; level++) {
    const before = Math.floor(from / TILE_WIDTH ** level);
    const now = Math.floor(size / TILE_WIDTH ** level);
    if (now === 0) break;
    if (now === before) continue;
    for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < now; index++) {
      tiles.push({ level, index, width: tileWidth(size, level, index) });
    }
  }
  return tiles;
}

/** Reads tiles as the tree of the given size has them; a wider tile may be given. */
export type TileReader = (tiles: readonly TileId[]) => Promise<readonly Uint8Array[]>;

/**
 * Reads node hashes out of the tiles of a tree of `size` leaves. Every tile is read once, and what lies between two levels of tiles is
 * computed once, however many proofs are read by one reader: those of neighbours share nearly all of it.
 */
export function hashReader(size: number, readTiles: TileReader): HashReader {
  const computed: ComputedNodes = new Map();
  return async (nodes) => {
    const wanted = new Map<string, TileId>();
    for (const node of nodes) {
      const tile = tileOf(node, size);
      wanted.set(tilePath(tile), tile);
    }
    const ids = [...wanted.values()];
    const bytes = await readTiles(ids);
    const tiles = new Map(ids.map((id, at) => [tilePath(id), bytes[at]]));
    return nodes.map((node) => {
      const id = tileOf(node, size);
      const tile = tiles.get(tilePath(id));
      if (tile === undefined || tile.length < id.width * HASH_SIZE_BYTES) {
        throw new RangeError(`${tilePath(id)} is missing or too short`);
      }
      return nodeInTile(node, tile, computed);
    });
  };
}

/** Nodes between two levels of tiles, by their level and index. */
type ComputedNodes = Map<string, Uint8Array>;

/** The tile that holds a node or, for a level between, the hashes that it is computed from. */
function tileOf({ level, index }: NodeId, size: number): TileId {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const firstHash = index * 2 ** (level % TILE_HEIGHT);
  const tileIndex = Math.floor(firstHash / TILE_WIDTH);
  const width = tileWidth(size, tileLevel, tileIndex);
  if (firstHash + 2 ** (level % TILE_HEIGHT) > tileIndex * TILE_WIDTH + width) {
    throw new RangeError(`node ${index} at level ${level} is not in a tree of ${size}`);
  }
  return { level: tileLevel, index: tileIndex, width };
}

function nodeInTile({ level, index }: NodeId, tile: Uint8Array, computed: ComputedNodes): Uint8Array {
  if (level % TILE_HEIGHT === 0) {
    const at = (index % TILE_WIDTH) * HASH_SIZE_BYTES;
    return tile.subarray(at, at + HASH_SIZE_BYTES);
  }
  const name = `${level}/${index}`;
  const known = computed.get(name);
  if (known !== undefined) return known;
  const half = (side: 0 | 1) => nodeInTile({ level: level - 1, index: 2 * index + side }, tile, computed);
  const hash = nodeHash(half(0), half(1));
  computed.set(name, hash);
  return hash;
}

function indexPath(index: number): string {
  const groups = [String(index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  }
  return groups.join("/");
}

function partialPath(width: number): string {
  return width === TILE_WIDTH ? "" : `.p/${width}`;
}
