/** What whoever runs the node sees of the exchange of this process; nothing where the node belongs to no directory. */
import type { DirectoryView } from "#lib/directory/view";
import type { Course, CourseWanted } from "./course.ts";
import type { Circuit } from "./sending/circuit.ts";
import type { TrafficRow } from "./traffic.ts";

export interface WatchedPeer {
  readonly node: string;
  readonly circuit: Circuit["state"];
  /** Calls that wait to leave, and that left and were not answered yet. */
  readonly waiting: number;
  readonly underWay: number;
}

export interface Watched {
  view(): DirectoryView | undefined;
  peers(): readonly WatchedPeer[];
  traffic(): readonly TrafficRow[];
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
