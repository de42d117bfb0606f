import { grant } from "../grant.ts";
import { implement } from "../implement.ts";

export const authorizeAgent = implement("authorizeAgent", (ctx, letter) => grant(ctx, letter));
