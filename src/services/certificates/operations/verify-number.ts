import { normaliseIdentifier } from "#lib/identifiers/identifier-result";
import { text } from "#lib/language/text";
import { implement } from "../implement.ts";
import { publicFacts, standingOf, standingText } from "../standing.ts";

export const verifyNumber = implement("verifyNumber", async (ctx, { number }) => {
  const wanted = normaliseIdentifier(number);
  const [found] = (await ctx.registers.licenceCertificate.find({ number: wanted }, { limit: 1 })).items;
  if (!found) {
    const says = text(
      "本节点没有签发过这个编号的许可证。请核对编号；如果证上写的就是这个编号，请勿采信。",
      "This node never issued a licence under this number. Please check the number; if it is what the paper says, do not rely on it.",
    );
    return { standing: "unknown" as const, says };
  }
  const { value } = found;
  return { standing: standingOf(value, ctx.today), says: standingText(value, ctx.today), licence: publicFacts(value) };
});
