import type { Input } from "#kernel/contract/contract";
import type { Context } from "#kernel/system/context";
import type { quality } from "./contract.ts";
import type { uses } from "./implement.ts";
import type { FoodLicence } from "./licence.ts";

type Told = Input<(typeof quality)["events"]["foodLicenceChanged"]["payload"]>;

/** Tells subscribers what became of a licence: what anyone may look up by its number, without its holder. */
export async function tellChange(
  ctx: Pick<Context<typeof quality, typeof uses, never>, "emit">,
  { number, status, validFrom, validUntil }: FoodLicence,
  what: Told["what"],
): Promise<void> {
  await ctx.emit("foodLicenceChanged", { number, status, validFrom, validUntil, what });
}
