import { dueCounts } from "../due.ts";
import { implement } from "../implement.ts";

export const objectionsDue = implement("objectionsDue", async (ctx) => dueCounts(ctx.tables.read(), ctx.today));
