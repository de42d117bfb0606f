import { defineSystem } from "#kernel/system/system";
import { participation } from "#services/participation";
import { answer } from "./operations/answer.ts";
import { openPoor } from "./operations/open-poor.ts";
import { rate } from "./operations/rate.ts";
import { ratingOfCase } from "./operations/rating-of-case.ts";
import { summary } from "./operations/summary.ts";

export default defineSystem(participation, {
  migrations: new URL("./migrations/", import.meta.url),
  operations: { rate, ratingOfCase, summary, openPoor, answer },
});
