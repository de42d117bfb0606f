import { contains, divide, FAN_OUT_BITS, type PlaceRange, placeOf, WHOLE } from "./range.ts";
import { DIGEST_BITS, EMPTY, type Item, isSame, joined, type Summary, summaryOf } from "./summary.ts";

/**
 * Range-based set reconciliation: A. Meyer, "Range-Based Set Reconciliation", 2022, arXiv:2212.13567. Summaries of ranges are compared; where
 * they differ the range is divided, until the versions in it are few enough to be named. Here the ranges are fixed (all places that begin
 * with the same bits), so that each side can keep the summaries of the smallest ones and add the others up.
 */

/** One of the two sets. Of the other side, nothing is believed that was not checked. */
export interface Side {
  /** One summary for each range, in their order. */
  summaries(ranges: readonly PlaceRange[]): Promise<readonly Summary[]>;
  /**
   * What stands in the ranges, behind `after`, by place, key and digest.
   * @returns at most {@link ITEMS_MAX} of them, and whether there are more
   */
  items(ranges: readonly PlaceRange[], after: Item | undefined): Promise<ItemPage>;
}

export interface ItemPage {
  readonly items: readonly Item[];
  readonly more: boolean;
}

export interface Differences {
  /** They have it and we do not. */
  readonly missing: readonly Item[];
  /** We have it and they do not. */
  readonly surplus: readonly Item[];
  /** What the other side was asked for. */
  readonly asked: { readonly questions: number; readonly summaries: number; readonly items: number };
}

/** Ranges of one question. */
export const RANGES_MAX = 1_024;
/** Versions that one answer names. */
export const ITEMS_MAX = 4_096;
/** Ranges with no more versions than this are not divided any more. */
export const ITEMS_AT_ONCE = 32;
/** With more ranges at odds than this, or more versions in them, a new snapshot is cheaper. */
export const RANGES_AT_ODDS_MAX = 4_096;
export const ITEMS_COMPARED_MAX = 400_000;

export type ReconciliationProblem =
  /** They answered something that the question does not allow. */
  | "malformed"
  /** What they told does not add up: their summaries are not of what stands. */
  | "theirs-inconsistent"
  | "ours-inconsistent"
  | "too-many";

export class ReconciliationError extends Error {
  override readonly name = "ReconciliationError";
  readonly problem: ReconciliationProblem;

  constructor(problem: ReconciliationProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/**
 * Names what one set has and the other has not.
 * @param leafBits of the smallest ranges that both sides keep summaries of
 * @throws ReconciliationError
 */
export async function findDifferences(
  ours: Side,
  theirs: Side,
  { leafBits }: { readonly leafBits: number },
): Promise<Differences> {
  const search = new Search(ours, theirs, leafBits);
  const leaves = await search.atOdds();
  return await search.compare(leaves);
}

/** A range whose summaries differ. */
interface AtOdds {
  readonly range: PlaceRange;
  readonly our: Summary;
  readonly their: Summary;
}

class Search {
  readonly #ours: Side;
  readonly #theirs: Side;
  readonly #leafBits: number;
  readonly #asked = { questions: 0, summaries: 0, items: 0 };

  constructor(ours: Side, theirs: Side, leafBits: number) {
    this.#ours = ours;
    this.#theirs = theirs;
    this.#leafBits = leafBits;
  }

  /** The ranges at odds that are not divided any more. */
  async atOdds(): Promise<readonly AtOdds[]> {
    const small: AtOdds[] = [];
    let large = await this.#differing([WHOLE]);
    while (large.length > 0) {
      const next: AtOdds[] = [];
      for (const one of large) (this.#isSmall(one) ? small : next).push(one);
      if (small.length + next.length > RANGES_AT_ODDS_MAX) throw tooMany("ranges at odds");
      large = await this.#divided(next);
    }
    return small;
  }

  #isSmall({ range, our, their }: AtOdds): boolean {
    return range.bits >= this.#leafBits || our.entries + their.entries <= ITEMS_AT_ONCE;
  }

  /** Divides ranges, and holds what is told of the parts against what was told of the whole. */
  async #divided(ranges: readonly AtOdds[]): Promise<AtOdds[]> {
    const found: AtOdds[] = [];
    const together = RANGES_MAX / 2 ** FAN_OUT_BITS;
    for (let at = 0; at < ranges.length; at += together) {
      const some = ranges.slice(at, at + together);
      const parts = some.map(({ range }) => divide(range, this.#leafBits));
      const told = await this.#both(parts.flat());
      let begin = 0;
      for (const [which, whole] of some.entries()) {
        const end = begin + (parts[which]?.length ?? 0);
        found.push(...consistent(whole, told.slice(begin, end)));
        begin = end;
      }
    }
    return found;
  }

  async #differing(ranges: readonly PlaceRange[]): Promise<AtOdds[]> {
    return (await this.#both(ranges)).filter(({ our, their }) => !isSame(our, their));
  }

  async #both(ranges: readonly PlaceRange[]): Promise<readonly AtOdds[]> {
    const [our, their] = [await this.#ours.summaries(ranges), await this.#theirs.summaries(ranges)];
    this.#asked.questions += 1;
    this.#asked.summaries += ranges.length;
    if (their.length !== ranges.length) throw malformed(`${their.length} summaries of ${ranges.length} ranges`);
    return ranges.map((range, at) => ({ range, our: our[at] ?? EMPTY, their: checked(their[at]) }));
  }

  /** Has the versions in the ranges named by both sides. */
  async compare(ranges: readonly AtOdds[]): Promise<Differences> {
    const missing: Item[] = [];
    const surplus: Item[] = [];
    for (const some of grouped(ranges)) {
      const our = await this.#all(this.#ours, some, "ours-inconsistent");
      const their = await this.#all(this.#theirs, some, "theirs-inconsistent");
      const [have, want] = [new Set(our.map(nameOf)), new Set(their.map(nameOf))];
      missing.push(...their.filter((item) => !have.has(nameOf(item))));
      surplus.push(...our.filter((item) => !want.has(nameOf(item))));
    }
    return { missing, surplus, asked: { ...this.#asked } };
  }

  async #all(
    side: Side,
    some: readonly AtOdds[],
    problem: "ours-inconsistent" | "theirs-inconsistent",
  ): Promise<readonly Item[]> {
    const ranges = some.map(({ range }) => range);
    const told = some.map((one) => (problem === "ours-inconsistent" ? one.our : one.their));
    const expected = told.reduce(joined, EMPTY);
    const all: Item[] = [];
    for (let more = true; more; ) {
      const page = await side.items(ranges, all.at(-1));
      if (side === this.#theirs) this.#askedItems(page);
      if (page.items.length > ITEMS_MAX) throw malformed(`${page.items.length} versions at once`);
      for (const item of page.items) {
        inOrder(ranges, all.at(-1), item);
        all.push(item);
      }
      // Whoever goes on behind what he said stands there would go on for ever.
      if (all.length > expected.entries || (page.more && page.items.length === 0)) {
        throw new ReconciliationError(problem, `more versions than the ${expected.entries} that were told`);
      }
      more = page.more;
    }
    if (!isSame(summaryOf(all), expected))
      throw new ReconciliationError(problem, "versions do not add up to summaries");
    return all;
  }

  #askedItems(page: ItemPage): void {
    this.#asked.questions += 1;
    this.#asked.items += page.items.length;
  }
}

/** Ranges, so many together that one answer usually names what stands in them. */
function* grouped(ranges: readonly AtOdds[]): Generator<readonly AtOdds[]> {
  const sizeOf = ({ our, their }: AtOdds) => Math.max(our.entries, their.entries);
  if (ranges.reduce((sum, one) => sum + sizeOf(one), 0) > ITEMS_COMPARED_MAX)
    throw tooMany("versions in ranges at odds");
  const ordered = [...ranges].sort((one, other) => firstPlace(one) - firstPlace(other));
  let group: AtOdds[] = [];
  let size = 0;
  for (const one of ordered) {
    if (group.length > 0 && (size + sizeOf(one) > ITEMS_MAX || group.length === RANGES_MAX)) {
      yield group;
      group = [];
      size = 0;
    }
    group.push(one);
    size += sizeOf(one);
  }
  if (group.length > 0) yield group;
}

function firstPlace({ range }: AtOdds): number {
  return range.prefix / 2 ** range.bits;
}

function consistent(whole: AtOdds, parts: readonly AtOdds[]): readonly AtOdds[] {
  const sumOf = (side: "our" | "their") => parts.map((part) => part[side]).reduce(joined, EMPTY);
  if (!isSame(sumOf("their"), whole.their)) throw notAddingUp("theirs-inconsistent");
  if (!isSame(sumOf("our"), whole.our)) throw notAddingUp("ours-inconsistent");
  return parts.filter(({ our, their }) => !isSame(our, their));
}

function checked(summary: Summary | undefined): Summary {
  if (summary === undefined) throw malformed("a summary is missing");
  const { entries, fingerprint } = summary;
  const isCount = Number.isSafeInteger(entries) && entries >= 0;
  if (!isCount || !isDigest(fingerprint) || (entries === 0 && fingerprint !== 0n)) throw malformed("no summary");
  return summary;
}

const KEY = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function inOrder(ranges: readonly PlaceRange[], before: Item | undefined, item: Item): void {
  if (!KEY.test(item.key) || !isDigest(item.digest)) throw malformed("no version");
  const place = placeOf(item.key);
  if (!ranges.some((range) => contains(range, place))) throw malformed("a version outside of the ranges");
  if (before !== undefined && !isBehind(item, before)) throw malformed("versions out of order");
}

/** The order in which versions are named: place, key, digest. */
export function isBehind(item: Item, before: Item): boolean {
  if (item.key === before.key) return item.digest > before.digest;
  const [place, earlier] = [placeOf(item.key), placeOf(before.key)];
  return place === earlier ? item.key > before.key : place > earlier;
}

function isDigest(value: bigint): boolean {
  return value >= 0n && value >> DIGEST_BITS === 0n;
}

function nameOf({ key, digest }: Item): string {
  return `${key} ${digest}`;
}

function malformed(message: string): ReconciliationError {
  return new ReconciliationError("malformed", message);
}

function notAddingUp(problem: "ours-inconsistent" | "theirs-inconsistent"): ReconciliationError {
  return new ReconciliationError(problem, "parts do not add up to the whole");
}

function tooMany(what: string): ReconciliationError {
  return new ReconciliationError("too-many", `too many ${what}`);
}
