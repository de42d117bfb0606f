/**
 * From the parts that were fetched to a view, or to the reason why they are not believed. The frame is opened with the
 * keys that the node was told when it joined, each other part with the keys that the part around it names for it.
 */
import { isWithin, WHOLE_COUNTRY } from "./division.ts";
import type { Delegation, KnownPart, PartDocument, SignedPart } from "./entries.ts";
import { logNameOf } from "./log-name.ts";
import { type OpenedPart, openPart, readNote } from "./part.ts";
import { type DirectoryRefusal, refused } from "./refusal.ts";
import { assemble, type DirectoryView } from "./view.ts";

/** A directory has so many parts at most. */
export const PARTS_MAX = 4_000;

export interface OpenOptions {
  /** The centre's verifier keys, as the node was told when it joined; those of one name are one signer. */
  readonly anchor: readonly string[];
  /** The code of this node. */
  readonly self: string;
  /** ISO 8601, UTC. */
  readonly now: string;
  /** What was taken before, by division. */
  readonly known: ReadonlyMap<string, KnownPart>;
}

export interface OpenedDirectory {
  readonly kind: "open";
  readonly view: DirectoryView;
  /** Wider ones first. */
  readonly parts: readonly OpenedPart[];
  /** Divisions whose part has expired: what stands in it is not believed, the rest of the directory is. */
  readonly lapsed: readonly string[];
  /** When the frame ends, ISO 8601. */
  readonly until: string;
}

/** Opens a directory: all of its parts, in any order. */
export function openDirectory(parts: readonly SignedPart[], options: OpenOptions): OpenedDirectory | DirectoryRefusal {
  const arranged = arrange(parts);
  if ("fault" in arranged) return arranged;
  const opened = openFromFrame(arranged, options);
  if ("fault" in opened) return opened;
  const documents = opened.parts.map(({ document }) => document);
  const view = assemble({
    ...{ self: options.self, parts: documents, now: options.now },
    isPartial: opened.lapsed.length > 0,
  });
  if ("fault" in view) return view;
  const wrong = findForgotten(opened, options.known) ?? findTakenLog(opened, options.known);
  if (wrong !== undefined) return wrong;
  const until = opened.parts[0]?.head.until ?? "";
  return Object.freeze({ kind: "open", view, ...opened, until });
}

function arrange(parts: readonly SignedPart[]): Map<string, SignedPart> | DirectoryRefusal {
  const byDivision = new Map<string, SignedPart>();
  if (parts.length > PARTS_MAX) return refused("malformed", WHOLE_COUNTRY, `${parts.length}`);
  for (const part of parts) {
    const division = readNote(part.note)?.head.division;
    if (division === undefined) return refused("malformed", WHOLE_COUNTRY, "head");
    if (byDivision.has(division)) return refused("duplicate", division, division);
    byDivision.set(division, part);
  }
  return byDivision;
}

type Opened = Pick<OpenedDirectory, "parts" | "lapsed">;

function openFromFrame(
  byDivision: ReadonlyMap<string, SignedPart>,
  { anchor, known, now }: OpenOptions,
): Opened | DirectoryRefusal {
  const parts: OpenedPart[] = [];
  const lapsed: string[] = [];
  const delegated = new Set<string>([WHOLE_COUNTRY]);
  const waiting: Delegation[] = [{ division: WHOLE_COUNTRY, keys: anchor }];
  for (const { division, keys } of waiting) {
    const isFrame = division === WHOLE_COUNTRY;
    const part = byDivision.get(division);
    if (part === undefined) {
      // Who may publish a part need not have done so yet; but what was there is not simply left out.
      if (isFrame || known.has(division)) return refused("missing", division, division);
      continue;
    }
    const one = openPart(part, { division, keys, namesNextKeys: isFrame, known: known.get(division), now });
    if ("fault" in one) {
      if (one.fault !== "expired" || isFrame) return one;
      lapsed.push(division);
      continue;
    }
    parts.push(one);
    for (const next of one.document.delegations) {
      const isNarrower = next.division !== division && isWithin(next.division, division);
      if (!isNarrower) return refused("outside", division, next.division);
      if (delegated.has(next.division)) return refused("duplicate", division, next.division);
      delegated.add(next.division);
      waiting.push(next);
    }
  }
  for (const division of byDivision.keys()) {
    const isBelowLapsed = lapsed.some((other) => isWithin(division, other));
    if (!delegated.has(division) && !isBelowLapsed) return refused("unsigned", division, division);
  }
  return { parts, lapsed };
}

/**
 * Codes are never given again and never lost: a node that was listed stays listed, and so do authorities and divisions
 * that were replaced. An entry may go to another part.
 */
function findForgotten({ parts, lapsed }: Opened, known: ReadonlyMap<string, KnownPart>): DirectoryRefusal | undefined {
  const ofLapsed = lapsed.flatMap((division) => known.get(division)?.document ?? []);
  const now = identifiersOf([...parts.map(({ document }) => document), ...ofLapsed]);
  for (const { head } of parts) {
    const before = known.get(head.division)?.document;
    if (before === undefined) continue;
    for (const identifier of identifiersOf([before])) {
      if (!now.has(identifier)) return refused("forgotten", head.division, identifier);
    }
  }
  return undefined;
}

/**
 * A log is one node's: a node that lists the name of another's ends that anybody vouches for it. What was listed twice before this was
 * looked at stays.
 */
function findTakenLog({ parts }: Opened, known: ReadonlyMap<string, KnownPart>): DirectoryRefusal | undefined {
  if (known.size === 0) return undefined;
  const before = new Set(claimsOf([...known.values()].flatMap(({ document }) => document ?? [])).map(written));
  const owners = Map.groupBy(claimsOf(parts.map(({ document }) => document)), ({ log }) => log);
  for (const [log, claims] of owners) {
    const fresh = claims.findLast((claim) => !before.has(written(claim)));
    if (fresh !== undefined && claims.some(({ code }) => code !== fresh.code)) {
      return refused("duplicate", fresh.part, log);
    }
  }
  return undefined;
}

interface LogClaim {
  readonly log: string;
  readonly code: string;
  readonly part: string;
}

function claimsOf(documents: readonly PartDocument[]): readonly LogClaim[] {
  return documents.flatMap(({ division: part, nodes }) =>
    nodes.flatMap(({ code, logKeys }) => logKeys.map((line) => ({ log: logNameOf(line), code, part }))),
  );
}

function written({ log, code }: LogClaim): string {
  return `${log} ${code}`;
}

/** Each thing that, once said, is said for ever. */
function identifiersOf(documents: readonly PartDocument[]): Set<string> {
  const found = new Set<string>();
  for (const { nodes, authorities, renumberings } of documents) {
    for (const { code, state } of nodes) found.add(`node ${code}`).add(state === "left" ? `left ${code}` : "");
    for (const { id, code, state } of authorities) {
      found.add(`authority ${id} ${code}`).add(state === "active" ? "" : `ended ${id}`);
    }
    for (const { from } of renumberings) found.add(`division ${from}`);
  }
  found.delete("");
  return found;
}
