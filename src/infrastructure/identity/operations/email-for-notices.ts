import { emailOf } from "../email-entries.ts";
import { implement } from "../implement.ts";

export const emailForNotices = implement("emailForNotices", async (ctx, { person }) => {
  const entry = await emailOf(ctx.registers, { holderKind: "person", holder: person });
  const address = entry?.value.notices === "yes" ? entry.value.address : undefined;
  return { ...(address !== undefined && { address }) };
});
