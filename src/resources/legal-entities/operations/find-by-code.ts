import { checkUnifiedSocialCredit } from "#lib/identifiers/unified-social-credit";
import { implement } from "../implement.ts";
import { publicFacts } from "../public-facts.ts";

export const findByCode = implement("findByCode", async (ctx, { creditCode }) => {
  const checked = checkUnifiedSocialCredit(creditCode);
  if (checked.status === "error") return ctx.refuse("invalid", {}, [{ path: "creditCode", text: checked.error }]);
  const found = await ctx.registers.organization.find({ creditCode: checked.value.code }, { limit: 1 });
  const [entry] = found.items;
  return entry ? publicFacts(entry) : ctx.refuse("not-found");
});
