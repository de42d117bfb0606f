import { implement } from "../implement.ts";
import { watchedExchange } from "../watching.ts";

/** Who asked what of whom, and how it ended; whom it concerned and for which case is the ledger's to tell, to auditors. */
export const searchExchanges = implement("searchExchanges", async (_ctx, wanted) => {
  const found = await watchedExchange()?.search(wanted);
  return { items: (found?.items ?? []).map((item) => ({ ...item })), next: found?.next };
});
