import { implement } from "../implement.ts";

export const certificateChain = implement("certificateChain", async (ctx) => {
  const [root] = (await ctx.registers.certificate.find({ subjectKind: "root" }, { limit: 1 })).items;
  const [issuer] = (await ctx.registers.certificate.find({ subjectKind: "issuer" }, { limit: 1 })).items;
  return root && issuer ? { root: root.value.pem, issuer: issuer.value.pem } : ctx.refuse("not-ready");
});
