import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";
import { openNoteOfJoining } from "../network/joinings.ts";

export const listJoinings = implement("listJoinings", async (ctx, { after }) => {
  const page = await ctx.registers.joining.find({}, { limit: LIST_LENGTH_MAX, ...(after !== undefined && { after }) });
  const items = page.items.map(({ key: id, value: { note, chain: _, ...value } }) => {
    const { request, shortCode } = openNoteOfJoining(note);
    const { zone, division, exchange, logKeys } = request.entry;
    return {
      ...{ id, ...value, shortCode, zone, division, rooms: [...request.rooms], logKeys: [...logKeys] },
      ...(exchange !== undefined && { exchange }),
    };
  });
  return { items, next: page.next };
});
