import { directory } from "#infrastructure/directory";
import type { Context } from "#kernel/system/context";
import { implementer } from "#kernel/system/system";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { identity } from "./contract.ts";

export const uses = { directory, population, legalEntities };

/** Binds this room's contract and what it uses, so that each operation can live in a file of its own. */
export const implement = implementer(identity, uses);

export type Own = Context<typeof identity, typeof uses, never>;
/** What the room's own functions need of a handler's context. */
export type Registers = Own["registers"];
export type Rooms = Own["rooms"];
