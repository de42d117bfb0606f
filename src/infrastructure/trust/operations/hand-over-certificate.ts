import { implement } from "../implement.ts";
import { noteHolder } from "../official.ts";

export const handOverCertificate = implement("handOverCertificate", async (ctx, { id, to }) => {
  const entry = await ctx.registers.enrolment.lock(id);
  if (entry === undefined) return ctx.refuse("not-found");
  const { value } = entry;
  if (value.status !== "issued") return ctx.refuse("not-issued");
  noteHolder(ctx, value);
  await ctx.registers.enrolment.put(
    { ...value, status: "handed-over", handedOverAt: ctx.now, handedOverTo: to },
    { key: id },
  );
  return {};
});
