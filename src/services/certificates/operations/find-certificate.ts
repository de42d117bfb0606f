import { implement } from "../implement.ts";
import { ownCertificate, shownToHolder } from "../own.ts";

export const findCertificate = implement("findCertificate", async (ctx, { licenceNumber }) => {
  const own = await ownCertificate(ctx.registers, ctx.act, licenceNumber);
  return own ? shownToHolder(own) : ctx.refuse("not-found");
});
