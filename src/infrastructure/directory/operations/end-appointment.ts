import { endOf } from "../holding.ts";
import { implement } from "../implement.ts";

export const endAppointment = implement("endAppointment", async (ctx, { id, to }) => {
  const appointment = await ctx.registers.appointment.lock(id);
  if (!appointment) return ctx.refuse("not-found");
  const end = Temporal.Instant.from(endOf(to));
  if (Temporal.Instant.compare(end, Temporal.Instant.from(appointment.validFrom)) <= 0) return ctx.refuse("bad-period");
  await ctx.registers.appointment.retire(id, { validTo: end.toString() });
  ctx.concerns({ kind: "official", id: appointment.value.official, attributes: ["appointment"] });
  return { id };
});
