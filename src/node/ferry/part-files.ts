import { constants } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parityOf, recover } from "#lib/erasure-code/erasure-code";
import {
  BLOCK_DIGEST_BYTES,
  blockAt,
  isSamePackage,
  PART_HEAD_BYTES,
  type PackageRef,
  type PartHead,
  type PartPlan,
  readBlock,
  readPartHead,
  writeBlock,
  writePartHead,
} from "#lib/ferry/parts";

export const PART_SUFFIX = ".ztferry";
const PARTS_LOOKED_AT_MAX = 4_096;

/** Divides a file into the parts of a plan, which are safe on the medium when this resolves. Gives their paths. */
export async function splitFile(
  source: string,
  { folder, of, plan }: { readonly folder: string; readonly of: PackageRef; readonly plan: PartPlan },
): Promise<readonly string[]> {
  const { id, from, to, sequence } = of;
  const count = plan.data + plan.parity;
  const paths = Array.from({ length: count }, (_, part) =>
    join(folder, `${id}.${String(part + 1).padStart(3, "0")}-of-${String(count).padStart(3, "0")}${PART_SUFFIX}`),
  );
  const input = await open(source, "r");
  const outputs: FileHandle[] = [];
  try {
    for (const [part, path] of paths.entries()) {
      const output = await open(path, "w", 0o600);
      outputs.push(output);
      await output.write(writePartHead({ ...plan, id, from, to, sequence, part }), 0, PART_HEAD_BYTES, 0);
    }
    for (let stripe = 0; stripe < plan.stripes; stripe++) {
      const data: Uint8Array[] = [];
      for (let at = 0; at < plan.data; at++) {
        const block = new Uint8Array(plan.blockBytes);
        await input.read(block, 0, plan.blockBytes, (stripe * plan.data + at) * plan.blockBytes);
        data.push(block);
      }
      for (const [part, block] of [...data, ...parityOf(plan, data)].entries()) {
        const bytes = writeBlock({ id, part, stripe }, block);
        await outputs[part]?.write(bytes, 0, bytes.length, blockAt(plan, stripe));
      }
    }
    for (const output of outputs) await output.sync();
  } finally {
    await input.close();
    for (const output of outputs) await output.close();
  }
  return paths;
}

/** The parts of one package that are at hand. */
export interface PartsAtHand {
  readonly head: PartHead;
  /** By place; undefined where none is at hand. */
  readonly paths: readonly (string | undefined)[];
}

/** Looks for parts among files and in folders, and puts together those of the same package. Damaged heads are passed over. */
export async function findParts(places: readonly string[]): Promise<readonly PartsAtHand[]> {
  const found = new Map<string, { head: PartHead; paths: (string | undefined)[] }>();
  for (const path of await partPaths(places)) {
    const head = await headOf(path);
    if (head === undefined) continue;
    const known = found.get(head.id);
    if (known !== undefined && !isSamePackage(known.head, head)) continue;
    const entry = known ?? { head, paths: new Array<string | undefined>(head.data + head.parity).fill(undefined) };
    entry.paths[head.part] ??= path;
    found.set(head.id, entry);
  }
  return [...found.values()];
}

async function partPaths(places: readonly string[]): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const place of places) {
    if ((await stat(place)).isDirectory()) {
      const names = (await readdir(place)).filter((name) => name.endsWith(PART_SUFFIX)).sort();
      paths.push(...names.map((name) => join(place, name)));
    } else paths.push(place);
  }
  return paths.slice(0, PARTS_LOOKED_AT_MAX);
}

async function headOf(path: string): Promise<PartHead | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const head = new Uint8Array(PART_HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, PART_HEAD_BYTES, 0);
    return bytesRead === PART_HEAD_BYTES ? readPartHead(head) : undefined;
  } finally {
    await file.close();
  }
}

/**
 * The package's bytes from the parts at hand, stripe by stripe.
 * @throws {PartsMissing} where too much of a stripe is lost
 */
export async function* joinParts({ head, paths }: PartsAtHand): AsyncGenerator<Uint8Array, void, undefined> {
  const files = await Promise.all(
    paths.map(async (path) =>
      path === undefined ? undefined : await open(path, constants.O_RDONLY | constants.O_NOFOLLOW),
    ),
  );
  try {
    let left = head.totalBytes;
    for (let stripe = 0; stripe < head.stripes; stripe++) {
      const blocks = await Promise.all(
        files.map(async (file, part) => file && (await blockOf(file, { head, part, stripe }))),
      );
      const data = recover(head, blocks);
      if (data === undefined) throw new PartsMissing(head.id);
      for (const block of data) {
        yield block.subarray(0, left);
        left -= Math.min(left, block.length);
      }
    }
  } finally {
    await Promise.all(files.map((file) => file?.close()));
  }
}

async function blockOf(
  file: FileHandle,
  { head, part, stripe }: { readonly head: PartHead; readonly part: number; readonly stripe: number },
): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(BLOCK_DIGEST_BYTES + head.blockBytes);
  try {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, blockAt(head, stripe));
    return bytesRead === bytes.length ? readBlock({ id: head.id, part, stripe }, bytes) : undefined;
  } catch {
    // A medium that cannot be read here has lost this block, as one that reads something else has.
    return undefined;
  }
}

/** More is lost than the redundancy makes up for. */
export class PartsMissing extends Error {
  readonly package: string;
  constructor(id: string) {
    super(`parts of ${id} are missing`);
    this.name = "PartsMissing";
    this.package = id;
  }
}
