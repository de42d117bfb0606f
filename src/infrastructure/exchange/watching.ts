/** What whoever runs the node sees of the exchange of this process; nothing where the node belongs to no directory. */
import type { NodeEntry } from "#lib/directory/entries";
import type { DirectoryView } from "#lib/directory/view";
import type { Course, CourseWanted } from "./course.ts";
import type { ExchangesFound, ExchangesWanted } from "./search.ts";
import type { Circuit } from "./sending/circuit.ts";
import type { TrafficRow } from "./traffic.ts";

export interface WatchedPeer {
  readonly node: string;
  readonly circuit: Circuit["state"];
  /** Calls that wait to leave, and that left and were not answered yet. */
  readonly waiting: number;
  readonly underWay: number;
  /** Calls that did not leave because there was no room for them, here or there, since the process began. */
  readonly busy: number;
}

export interface Watched {
  view(): DirectoryView | undefined;
  peers(): readonly WatchedPeer[];
  traffic(): readonly TrafficRow[];
  /** When the certificate ends that a node shows (milliseconds since 1970); undefined while it has shown none to this process. */
  certificateEnd(node: NodeEntry): number | undefined;
  /** The log of exchanges. */
  search(wanted: ExchangesWanted): Promise<ExchangesFound>;
  course(wanted: CourseWanted, asking: string | undefined): Promise<Course>;
  /** By reason, of this process. */
  refused(): Readonly<Record<string, number>>;
}

let watched: Watched | undefined;

/** Gives the room what it shows. A node that is composed anew in the same process gives its own. */
export function provideWatched(given: Watched | undefined): void {
  watched = given;
}

export function watchedExchange(): Watched | undefined {
  return watched;
}

/** Calls at the edge that were refused before they were looked at, by `client failure`, of this process. */
let refusedAtEdge: (() => ReadonlyMap<string, number>) | undefined;

/** The edge of this process gives what it counts; undefined when it closes. */
export function provideWatchedEdge(given: typeof refusedAtEdge): void {
  refusedAtEdge = given;
}

export function watchedEdge(): ReadonlyMap<string, number> {
  return refusedAtEdge?.() ?? new Map();
}
