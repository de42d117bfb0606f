import { directory } from "#infrastructure/directory";
import { implementer } from "#kernel/system/system";
import { exchange } from "./contract.ts";

export const uses = { directory };
/** Binds this room's contract, so that each operation can live in a file of its own. */
export const implement = implementer(exchange, uses);
