import { randomUuid } from "#kernel/random";

/** A new uuid, ordered by the act's time. */
export function newId(at: string): string {
  return randomUuid(Date.parse(at));
}
