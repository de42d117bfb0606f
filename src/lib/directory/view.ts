/** What all parts say together, checked against each other and indexed. */
import { dayBegins } from "#lib/calendar/civil-day";
import { divisionsAround, isWithin, sixDigits, WHOLE_COUNTRY } from "./division.ts";
import type { AuthorityEntry, Hosting, NodeEntry, PartDocument, TrustAnchor } from "./entries.ts";
import { type DirectoryFault, type DirectoryRefusal, refused } from "./refusal.ts";

/** Where everything is, for one node, at one moment. Frozen. */
export interface DirectoryView {
  /** The code of this node. */
  readonly self: string;
  node(code: string): NodeEntry | undefined;
  /** All that were ever listed, by code; `state` says which have left. */
  nodes(): readonly NodeEntry[];
  /** Of the TLS certificate that a peer shows: SHA-256 of its DER, lower-case hex. None of a node that has left, of one struck or ended. */
  nodeOfCertificate(fingerprint: string): NodeEntry | undefined;
  /** Whose certificate it was, of one that was struck, or replaced and has ended. */
  nodeOfEnded(fingerprint: string): NodeEntry | undefined;
  /** The next instant at which something that is said already comes to count, or ends: then it is to be assembled anew. */
  readonly changesAtMs: number | undefined;
  /** Whether a node that has not left has its pages at this origin. */
  isSite(origin: string): boolean;
  /** The code of the node that keeps a room for a division, in 2, 4, 6 or 9 digits: the closest division counts. */
  hostOf(room: string, division: string): string | undefined;
  /** Divisions under today's codes. */
  hostings(): readonly Hosting[];
  /** Follows mergers to what stands today. */
  authority(id: string): AuthorityEntry | undefined;
  /** As {@link authority}, by its code. */
  authorityOfCode(code: string): AuthorityEntry | undefined;
  authorities(): readonly AuthorityEntry[];
  /** Today's six digits of a division; undefined for what is no code. */
  division(code: string): string | undefined;
  /** Whether a node may speak for a division: its own or one below it that no other node has. */
  speaksFor(node: string, division: string): boolean;
  /** Roots below which a division's seals stand: those of the closest division that names any. */
  anchors(division: string): readonly TrustAnchor[];
  /** Those of all divisions. */
  allAnchors(): readonly TrustAnchor[];
}

export interface Assembly {
  /** The code of this node. */
  readonly self: string;
  /** Wider ones first: what is said twice is laid to the later one. */
  readonly parts: readonly PartDocument[];
  /** ISO 8601, UTC: what is dated counts from its day on, by the calendar of Asia/Shanghai. */
  readonly now: string;
  /** Some parts have lapsed: what points into them leads nowhere, and is no mistake. */
  readonly isPartial: boolean;
}

/** Puts parts together. */
export function assemble(assembly: Assembly): DirectoryView | DirectoryRefusal {
  try {
    // What is said for a later day must not contradict itself then: it is refused now, not on that day.
    for (const day of laterDays(assembly)) view({ ...assembly, now: beginningOf(day) });
    return view(assembly);
  } catch (error) {
    if (error instanceof Contradiction) return refused(error.fault, error.part, error.subject);
    throw error;
  }
}

/** Ends the assembly wherever it is; never leaves this file. */
class Contradiction extends Error {
  readonly fault: DirectoryFault;
  readonly part: string;
  readonly subject: string;

  constructor(fault: DirectoryFault, part: PartDocument, subject: string) {
    super(fault);
    [this.fault, this.part, this.subject] = [fault, part.division, subject];
  }
}

/** An entry and the part that it stands in. */
type Said<T> = readonly [T, PartDocument];

/** So many days to come are looked at one by one, and the last. */
const DAYS_LOOKED_AT = 16;

function laterDays({ parts, now }: Assembly): readonly string[] {
  const days = new Set(parts.flatMap(({ renumberings }) => renumberings.map(({ since }) => since)));
  const later = [...days].filter((day) => beginningOf(day) > new Date(now).toISOString()).sort();
  return [...new Set([...later.slice(0, DAYS_LOOKED_AT), ...later.slice(-1)])];
}

/** ISO 8601 in milliseconds, UTC. */
function beginningOf(day: string): string {
  return new Date(dayBegins(Temporal.PlainDate.from(day)).epochMilliseconds).toISOString();
}

function nextChange({ parts, now }: Assembly): number | undefined {
  const nowMs = Date.parse(now);
  const dated = parts.flatMap(({ nodes, renumberings }) => [
    ...renumberings.map(({ since }) => Date.parse(beginningOf(since))),
    ...nodes.flatMap(({ endings = [] }) => endings.map(({ at }) => Date.parse(at))),
  ]);
  let next: number | undefined;
  for (const atMs of dated) if (atMs > nowMs && atMs < (next ?? Number.POSITIVE_INFINITY)) next = atMs;
  return next;
}

function view(assembly: Assembly): DirectoryView {
  const { self } = assembly;
  const today = indexRenumberings(assembly);
  const nodes = indexNodes(assembly, today);
  const hosts = indexHostings(assembly, today, nodes);
  const authorities = indexAuthorities(assembly);
  const anchors = indexAnchors(assembly, today);
  const everyAnchor = Object.freeze([...anchors.values()].flat());
  const inOrder = Object.freeze([...nodes.byCode.values()].map(([node]) => node).sort(byCode));
  const sites = new Set(inOrder.flatMap(({ site, state }) => (state === "left" ? [] : (site ?? []))));
  const hostings = Object.freeze([...hosts.all]);
  const organs = Object.freeze([...authorities.byId.values()].map(([authority]) => authority));
  const resolve = (written: string): string | undefined => {
    const digits = sixDigits(written);
    return digits === undefined ? undefined : today(digits);
  };
  return Object.freeze<DirectoryView>({
    self,
    node: (code) => nodes.byCode.get(code)?.[0],
    nodes: () => inOrder,
    isSite: (origin) => sites.has(origin),
    nodeOfCertificate: (fingerprint) => nodes.byCertificate.get(fingerprint),
    nodeOfEnded: (fingerprint) => nodes.byEnded.get(fingerprint),
    changesAtMs: nextChange(assembly),
    hostOf(room, division) {
      const [resolved, byDivision] = [resolve(division), hosts.byRoom.get(room)];
      if (resolved === undefined || byDivision === undefined) return undefined;
      for (const around of divisionsAround(resolved)) {
        const host = byDivision.get(around);
        if (host !== undefined) return host;
      }
      return undefined;
    },
    hostings: () => hostings,
    authority: (id) => authorities.today(id),
    authorityOfCode: (code) => authorities.today(authorities.idOfCode.get(code)),
    authorities: () => organs,
    division: resolve,
    speaksFor(node, division) {
      const resolved = resolve(division);
      if (resolved === undefined) return false;
      const closest = divisionsAround(resolved).find((around) => nodes.byDivision.has(around));
      return closest !== undefined && nodes.byDivision.get(closest)?.has(node) === true;
    },
    anchors: (division) => {
      const resolved = resolve(division);
      const closest = divisionsAround(resolved ?? "").find((around) => anchors.has(around));
      return resolved === undefined || closest === undefined ? [] : (anchors.get(closest) ?? []);
    },
    allAnchors: () => everyAnchor,
  });
}

/** By today's division. Of a division that has a part of its own that part alone names them. */
function indexAnchors(
  { parts }: Assembly,
  today: (division: string) => string,
): ReadonlyMap<string, readonly TrustAnchor[]> {
  const speaking = new Set(parts.map(({ division }) => division));
  const byDivision = new Map<string, readonly TrustAnchor[]>();
  for (const [anchor, part] of said(parts, "anchors")) {
    demandInside(anchor.division, part, anchor.division);
    const division = today(anchor.division);
    const speaker = divisionsAround(anchor.division).find((around) => speaking.has(around));
    // A division that went elsewhere is no longer this part's to name a root for.
    if (speaker !== part.division || !isWithin(division, part.division)) continue;
    byDivision.set(division, Object.freeze([...(byDivision.get(division) ?? []), Object.freeze({ ...anchor })]));
  }
  return byDivision;
}

/** Old codes lead to today's. */
function indexRenumberings({ parts, now }: Assembly): (division: string) => string {
  const next = new Map<string, Said<string>>();
  const inForce = new Map<string, Said<string>>();
  const nowMs = Date.parse(now);
  for (const [{ from, to, since }, part] of said(parts, "renumberings")) {
    demandInside(from, part, from);
    demandInside(to, part, to);
    if (next.has(from)) throw new Contradiction("duplicate", part, from);
    next.set(from, [to, part]);
    if (Date.parse(beginningOf(since)) <= nowMs) inForce.set(from, [to, part]);
  }
  followed(next);
  return followed(inForce);
}

interface Nodes {
  readonly byCode: ReadonlyMap<string, Said<NodeEntry>>;
  readonly byCertificate: ReadonlyMap<string, NodeEntry>;
  readonly byEnded: ReadonlyMap<string, NodeEntry>;
  /** Codes of those that speak for a division today. */
  readonly byDivision: ReadonlyMap<string, ReadonlySet<string>>;
}

function indexNodes({ parts, isPartial, now }: Assembly, today: (division: string) => string): Nodes {
  const byCode = new Map<string, Said<NodeEntry>>();
  const byCertificate = new Map<string, NodeEntry>();
  const byEnded = new Map<string, NodeEntry>();
  const nowMs = Date.parse(now);
  const byDivision = new Map<string, Set<string>>();
  for (const [node, part] of said(parts, "nodes")) {
    demandInside(node.division, part, node.code);
    if (byCode.has(node.code)) throw new Contradiction("duplicate", part, node.code);
    byCode.set(node.code, [node, part]);
    if (node.state === "left") continue;
    for (const { certificate, at } of [...(node.endings ?? []), ...(node.struck ?? [])]) {
      if (Date.parse(at) <= nowMs) byEnded.set(certificate, node);
    }
    for (const certificate of node.certificates) {
      if (byCertificate.has(certificate)) throw new Contradiction("duplicate", part, certificate);
      byCertificate.set(certificate, node);
    }
    const division = today(node.division);
    // A division that went elsewhere is no longer this part's to give a voice in.
    if (!isWithin(division, part.division)) continue;
    byDivision.set(division, (byDivision.get(division) ?? new Set()).add(node.code));
  }
  // Struck or ended counts more than listed, wherever it stands.
  for (const certificate of byEnded.keys()) byCertificate.delete(certificate);
  const above = new Map<string, Said<string>>();
  for (const [node, part] of byCode.values()) {
    if (node.above === undefined) {
      if (part.division !== WHOLE_COUNTRY) throw new Contradiction("dangling", part, node.code);
      continue;
    }
    if (!byCode.has(node.above) && !isPartial) throw new Contradiction("dangling", part, node.code);
    above.set(node.code, [node.above, part]);
  }
  followed(above);
  return { byCode, byCertificate, byEnded, byDivision };
}

interface Hosts {
  readonly byRoom: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly all: readonly Hosting[];
}

function indexHostings({ parts, isPartial }: Assembly, today: (division: string) => string, nodes: Nodes): Hosts {
  const byRoom = new Map<string, Map<string, string>>();
  const all: Hosting[] = [];
  for (const [{ room, node, division: written }, part] of said(parts, "hostings")) {
    const subject = `${room} ${written}`;
    demandInside(written, part, subject);
    const host = nodes.byCode.get(node)?.[0];
    if (host === undefined && isPartial) continue;
    if (host === undefined || host.state === "left") throw new Contradiction("dangling", part, subject);
    const division = today(written);
    if (!isWithin(division, part.division)) continue;
    const byDivision = byRoom.get(room) ?? new Map<string, string>();
    if (byDivision.has(division)) throw new Contradiction("duplicate", part, subject);
    byRoom.set(room, byDivision.set(division, node));
    all.push(Object.freeze({ room, division, node }));
  }
  return { byRoom, all };
}

interface Authorities {
  readonly byId: ReadonlyMap<string, Said<AuthorityEntry>>;
  readonly idOfCode: ReadonlyMap<string, string>;
  today(id: string | undefined): AuthorityEntry | undefined;
}

function indexAuthorities({ parts, isPartial }: Assembly): Authorities {
  const byId = new Map<string, Said<AuthorityEntry>>();
  const idOfCode = new Map<string, string>();
  const into = new Map<string, Said<string>>();
  for (const [authority, part] of said(parts, "authorities")) {
    const { id, code } = authority;
    demandInside(authority.division, part, code);
    if (byId.has(id) || idOfCode.has(code)) throw new Contradiction("duplicate", part, code);
    byId.set(id, [authority, part]);
    idOfCode.set(code, id);
    if (authority.into !== undefined) into.set(id, [authority.into, part]);
  }
  for (const [id, [target, part]] of into) {
    if (byId.has(target)) continue;
    if (!isPartial) throw new Contradiction("dangling", part, id);
    into.delete(id);
  }
  const today = followed(into);
  return { byId, idOfCode, today: (id) => (id === undefined ? undefined : byId.get(today(id))?.[0]) };
}

/**
 * Follows what leads on to where it ends, each way walked once.
 * @returns the end of the way from a key; the key itself where nothing leads on
 */
function followed(next: ReadonlyMap<string, Said<string>>): (from: string) => string {
  const ends = new Map<string, string>();
  for (const start of next.keys()) {
    const way = new Set<string>();
    let at = start;
    for (;;) {
      const known = ends.get(at);
      if (known !== undefined) at = known;
      const step = next.get(at);
      if (step === undefined) break;
      if (way.has(at)) throw new Contradiction("circular", step[1], at);
      way.add(at);
      at = step[0];
    }
    for (const passed of way) ends.set(passed, at);
  }
  return (from) => ends.get(from) ?? from;
}

type Lists = "nodes" | "hostings" | "authorities" | "renumberings" | "anchors";

function said<Name extends Lists>(parts: readonly PartDocument[], name: Name): Said<PartDocument[Name][number]>[] {
  return parts.flatMap((part) =>
    (part[name] as readonly PartDocument[Name][number][]).map((entry) => [entry, part] as const),
  );
}

function demandInside(division: string, part: PartDocument, subject: string): void {
  if (!isWithin(division, part.division)) throw new Contradiction("outside", part, subject);
}

function byCode(a: NodeEntry, b: NodeEntry): number {
  return a.code < b.code ? -1 : 1;
}
