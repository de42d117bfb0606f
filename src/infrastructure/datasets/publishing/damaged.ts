import { isFault } from "#kernel/errors/fault";

/** What is not as it was recorded is not passed on, and whoever asked is told. */
export async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | "damaged"> {
  try {
    return await read();
  } catch (fault) {
    if (isFault(fault, "ERR_REGISTER_DAMAGED")) return "damaged";
    throw fault;
  }
}
