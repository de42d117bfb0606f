import { isFault } from "../errors/fault.ts";

/** What a write gave; undefined when another entry has the same unique value, or had it at some time that the write covers. */
export async function unlessTaken<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isFault(error, "ERR_REGISTER_NOT_UNIQUE")) return undefined;
    throw error;
  }
}
