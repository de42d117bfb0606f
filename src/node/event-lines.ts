import { setTimeout as sleep } from "node:timers/promises";
import { events } from "#infrastructure/events";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import type { Database } from "#kernel/database/sql";
import { frontOf } from "#kernel/http/pages";
import type { Kernel } from "#kernel/system/kernel";
import { eventsBehind } from "../infrastructure/events/tail.ts";
import { nodeActOf } from "./node-act.ts";

/** Events that are printed before those that come. */
const SHOWN_FIRST = 20;
const LOOK_AGAIN_MS = 500;

/**
 * Prints the newest events, one line of JSON each: what, where, by whom, when, and how many subscribers it has not reached. Never what an event says.
 * @param until fires when nothing more is wanted; absent: what is there, and no more
 */
export async function tailEvents(
  database: Database,
  print: (line: string) => void,
  until?: AbortSignal,
): Promise<void> {
  let after: number | undefined;
  do {
    for (const { seq, ...event } of await eventsBehind(
      database,
      after === undefined ? { newest: SHOWN_FIRST } : { after },
    )) {
      print(JSON.stringify({ sequence: seq, ...event }));
      after = seq;
    }
    after ??= 0;
    if (until !== undefined) await sleep(LOOK_AGAIN_MS, undefined, { signal: until }).catch(() => undefined);
  } while (until !== undefined && !until.aborted);
}

/** Has dead letters of a subscription delivered again: those named, or the oldest of all. Gives how many, or why not. */
export async function replayEvents(
  kernel: Kernel,
  subscription: string,
  named: readonly string[],
): Promise<number | Refusal> {
  const doors = frontOf(kernel, events, () => nodeActOf(kernel, events.id));
  const answer = await doors.replayDead({ subscription, ...(named.length > 0 && { events: [...named] }) });
  return isRefusal(answer) ? answer : answer.replayed;
}
