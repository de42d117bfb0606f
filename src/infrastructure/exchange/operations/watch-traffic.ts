import { implement } from "../implement.ts";
import { WATCH_ROWS_MAX } from "../watch-contract.ts";
import { watchedExchange } from "../watching.ts";

export const watchTraffic = implement("watchTraffic", async () => ({
  rows: (watchedExchange()?.traffic() ?? []).slice(0, WATCH_ROWS_MAX).map((row) => ({ ...row })),
}));
