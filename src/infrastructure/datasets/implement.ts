import { implementer } from "#kernel/system/system";
import { datasets } from "./contract.ts";

/** Binds this room's contract, so that each operation can live in a file of its own. */
export const implement = implementer(datasets);
