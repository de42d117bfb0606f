import type { Context } from "#kernel/system/context";
import { implementer } from "#kernel/system/system";
import { directory } from "./contract.ts";

/** Binds this room's contract, so that each operation can live in a file of its own. */
export const implement = implementer(directory);

/** What the room's own functions need of a handler's context. */
export type Registers = Context<typeof directory, Record<never, never>, never>["registers"];
