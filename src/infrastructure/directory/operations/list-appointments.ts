import { everyPage } from "../every-page.ts";
import { implement } from "../implement.ts";

export const listAppointments = implement("listAppointments", async (ctx, { post }) => {
  const appointments = await everyPage((page) => ctx.registers.appointment.find({ post }, page));
  const items = [];
  for (const { key, value, validFrom, validTo } of appointments) {
    const official = await ctx.registers.official.get(value.official);
    if (!official) continue; // left the service since
    const period = { from: validFrom, ...(validTo && { to: validTo }) };
    items.push({ id: key, official: value.official, officialName: official.value.name, post, ...period });
  }
  return { items };
});
