import { isRefusal } from "#kernel/contract/refusal";
import type { Rooms } from "./implement.ts";

/** The names of the authorities of the directory, which no password may rest on. */
export async function houseWords({ directory }: Pick<Rooms, "directory">): Promise<readonly string[]> {
  const listed = await directory.listAuthorities({});
  return isRefusal(listed) ? [] : listed.items.flatMap(({ name }) => [name.zh, name.en]);
}
