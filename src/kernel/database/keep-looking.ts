import type { Database } from "./sql.ts";

export interface Looking {
  readonly database: Pick<Database, "listen">;
  /** On which those who change something tell of it. */
  readonly channel: string;
  /** A notification that was lost is made up for within this. */
  readonly everyMs: number;
  readonly look: () => Promise<unknown>;
  /** A look that failed; what was known stays so until the next. */
  readonly onFault: (fault: unknown) => void;
}

/**
 * Keeps a process up to date with what any process on the same database changes: looks now, at each notification, and once in a while. Looks
 * follow one another, so that an older answer never replaces a newer one.
 * @returns what stops it, once the last look is over
 */
export async function keepLooking({
  database,
  channel,
  everyMs,
  look,
  onFault,
}: Looking): Promise<() => Promise<void>> {
  let looking: Promise<unknown> = Promise.resolve();
  const next = (): void => {
    looking = looking.then(look).catch(onFault);
  };
  const unlisten = await database.listen(channel, next);
  const timer = setInterval(next, everyMs);
  timer.unref();
  next();
  return async () => {
    clearInterval(timer);
    await unlisten();
    await looking;
  };
}
