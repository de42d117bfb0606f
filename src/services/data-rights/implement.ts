import type { Context } from "#kernel/system/context";
import { implementer } from "#kernel/system/system";
import { dataRights } from "#services/data-rights";

export const implement = implementer(dataRights);

/** What the room's own functions need of a handler's context. */
export type Registers = Context<typeof dataRights, Record<never, never>, never>["registers"];
