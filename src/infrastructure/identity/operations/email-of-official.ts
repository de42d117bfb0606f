import { emailAddressOf } from "../email-entries.ts";
import { implement } from "../implement.ts";

export const emailOfOfficial = implement("emailOfOfficial", async (ctx, { official }) => {
  const address = await emailAddressOf(ctx.registers, { holderKind: "official", holder: official });
  return { ...(address !== undefined && { address }) };
});
