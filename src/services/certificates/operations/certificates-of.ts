import { implement } from "../implement.ts";
import { ownCertificates, shownToHolder } from "../own.ts";

export const certificatesOf = implement("certificatesOf", async (ctx) => {
  return { items: (await ownCertificates(ctx.registers, ctx.act)).map(shownToHolder) };
});
