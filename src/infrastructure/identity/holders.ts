import { isRefusal } from "#kernel/contract/refusal";
import type { Rooms } from "./implement.ts";
import type { HolderKind } from "./sessions.ts";

/** Who holds an account now, and in which posts; undefined when he is not there any more. */
export interface Holder {
  readonly name: string;
  /** Of an official. */
  readonly posts: readonly string[];
}

/** Asks the register that knows the holder. An official without a post has nothing to sign in for. */
export async function findHolder(rooms: Rooms, kind: HolderKind, holder: string): Promise<Holder | undefined> {
  if (kind === "person") {
    const person = await rooms.population.nameOf({ id: holder });
    return isRefusal(person) || person.lifeStatus !== "alive" ? undefined : { name: person.name, posts: [] };
  }
  const held = await rooms.directory.postsOf({ official: holder });
  if (isRefusal(held) || held.items.length === 0) return undefined;
  return { name: held.name, posts: held.items.map(({ id }) => id) };
}
