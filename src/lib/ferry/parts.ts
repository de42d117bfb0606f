/**
 * A package on media: parts of a size that fits one, some more than are needed. Each part has a head of 1,024 bytes and blocks, each with
 * its own digest, so that a scratch costs a block and not a disc; block j of every stripe lies in part j. Any k of the k + m blocks of a
 * stripe give it back (`lib/erasure-code`).
 */
import { concatBytes, fromUtf8, utf8 } from "#lib/crypto/bytes";
import { equalSecrets, sha256, sha256Hex } from "#lib/crypto/digest";
import { BLOCKS_MAX, type CodeShape } from "#lib/erasure-code/erasure-code";
import { canonicalize } from "#lib/json/canonical";
import { type ContainerHead, isPackageRef } from "./container.ts";

export const PART_HEAD_BYTES = 1_024;
export const BLOCK_DIGEST_BYTES = 16;
export const BLOCK_MAX_BYTES = 65_536;
/** 64 TiB: more stripes than that are a mistake. */
const STRIPES_MAX = 2 ** 22;
const MAGIC = "ZTFERRY1";

/** How a package is divided. */
export interface PartPlan extends CodeShape {
  readonly totalBytes: number;
  readonly blockBytes: number;
  readonly stripes: number;
}

/** Of which package a part is: as its container's head says, so that also one that cannot be put together can be answered. */
export type PackageRef = Pick<ContainerHead, "id" | "from" | "to" | "sequence">;

export interface PartHead extends PartPlan, PackageRef {
  /** 0 … k + m − 1; the first k carry data. */
  readonly part: number;
}

/**
 * Divides so many bytes over media of one size.
 * @param options.redundancyPercent parity parts for each hundred data parts, at least one part in all
 * @returns undefined where it would take more media than the code has blocks
 */
export function planParts(
  totalBytes: number,
  options: { readonly mediaBytes: number; readonly redundancyPercent: number },
): PartPlan | undefined {
  for (let data = 1; data < BLOCKS_MAX; data++) {
    const parity = Math.max(1, Math.ceil((data * options.redundancyPercent) / 100));
    if (data + parity > BLOCKS_MAX) return undefined;
    const blockBytes = Math.max(1, Math.min(BLOCK_MAX_BYTES, Math.ceil(totalBytes / data)));
    const stripes = Math.max(1, Math.ceil(totalBytes / (data * blockBytes)));
    const plan = { data, parity, totalBytes, blockBytes, stripes };
    if (stripes <= STRIPES_MAX && partBytes(plan) <= options.mediaBytes) return plan;
  }
  return undefined;
}

/** The size of each part's file. */
export function partBytes({ blockBytes, stripes }: PartPlan): number {
  return PART_HEAD_BYTES + stripes * (BLOCK_DIGEST_BYTES + blockBytes);
}

/** Where a block with its digest begins in its part. */
export function blockAt({ blockBytes }: PartPlan, stripe: number): number {
  return PART_HEAD_BYTES + stripe * (BLOCK_DIGEST_BYTES + blockBytes);
}

export function writePartHead(head: PartHead): Uint8Array {
  const { id, from, to, sequence, part, data, parity, totalBytes, blockBytes, stripes } = head;
  const content = canonicalize({ id, from, to, sequence, part, data, parity, totalBytes, blockBytes, stripes });
  return utf8(`${MAGIC} ${content} ${sha256Hex(content)}`.padEnd(PART_HEAD_BYTES - 1).concat("\n"));
}

/** @returns undefined where the bytes are not the head of a part, or were damaged */
export function readPartHead(bytes: Uint8Array): PartHead | undefined {
  if (bytes.length !== PART_HEAD_BYTES) return undefined;
  let head: Record<string, unknown>;
  try {
    const [magic, content = "", digest] = fromUtf8(bytes).trimEnd().split(" ");
    if (magic !== MAGIC || sha256Hex(content) !== digest) return undefined;
    head = Object(JSON.parse(content));
  } catch {
    return undefined;
  }
  const { id, from, to, sequence, part, data, parity, totalBytes, blockBytes, stripes } = head;
  const ref = { id, from, to, sequence };
  const fits =
    isPackageRef(ref) &&
    within(data, 1, BLOCKS_MAX) &&
    within(parity, 0, BLOCKS_MAX - data) &&
    within(part, 0, data + parity - 1) &&
    within(blockBytes, 1, BLOCK_MAX_BYTES) &&
    within(stripes, 1, STRIPES_MAX) &&
    within(totalBytes, 0, data * blockBytes * stripes);
  return fits ? { ...ref, part, data, parity, totalBytes, blockBytes, stripes } : undefined;
}

function within(value: unknown, from: number, to: number): value is number {
  return Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
}

/** Whether two parts belong to the same division of the same package. */
export function isSamePackage(one: PartHead, other: PartHead): boolean {
  return canonicalize({ ...one, part: 0 }) === canonicalize({ ...other, part: 0 });
}

/** A block as it stands in its part. */
export function writeBlock(place: BlockPlace, block: Uint8Array): Uint8Array {
  return concatBytes(blockDigest(place, block), block);
}

/** @returns undefined where the block was damaged, or belongs elsewhere */
export function readBlock(place: BlockPlace, bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length <= BLOCK_DIGEST_BYTES) return undefined;
  const block = bytes.subarray(BLOCK_DIGEST_BYTES);
  return equalSecrets(bytes.subarray(0, BLOCK_DIGEST_BYTES), blockDigest(place, block)) ? block : undefined;
}

interface BlockPlace {
  readonly id: string;
  readonly part: number;
  readonly stripe: number;
}

function blockDigest({ id, part, stripe }: BlockPlace, block: Uint8Array): Uint8Array {
  return sha256(utf8(`${MAGIC} ${id} ${part} ${stripe}\n`), block).subarray(0, BLOCK_DIGEST_BYTES);
}
