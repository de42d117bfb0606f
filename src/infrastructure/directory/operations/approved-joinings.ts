import { certificateHostOf } from "#lib/directory/joining";
import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";
import { openNoteOfJoining } from "../network/joinings.ts";

export const approvedJoinings = implement("approvedJoinings", async (ctx) => {
  const { items } = await ctx.registers.joining.find({ status: "approved" }, { limit: LIST_LENGTH_MAX });
  return {
    items: items.map(({ key: id, value }) => {
      const { entry, certificateRequest } = openNoteOfJoining(value.note).request;
      return { id, certificateRequest, host: certificateHostOf(entry), node: entry.code };
    }),
  };
});
