import { directory } from "#infrastructure/directory";
import { network } from "#infrastructure/network";
import { implementer } from "#kernel/system/system";

export const uses = { directory };
/** Binds this room's contract, so that each operation can live in a file of its own. */
export const implement = implementer(network, uses);
