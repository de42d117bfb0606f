import { unlessTaken } from "#kernel/registers/unless-taken";
import { isWithin } from "#lib/directory/division";
import { openJoining } from "#lib/directory/joining";
import { takenLog } from "#lib/directory/log-name";
import { implement } from "../implement.ts";
import { standing } from "../network/propose.ts";

/** As many may wait for an official at once; whoever floods the list cannot fill the register. */
const WAITING_MAX = 100;

export const receiveJoining = implement("receiveJoining", async (ctx, { note, proofs }) => {
  const now = await standing(ctx);
  if (now === undefined) return ctx.refuse("not-member");
  const opened = openJoining({ note, proofs });
  if (opened === undefined) return ctx.refuse("request-wrong");
  const { request, digest } = opened;
  const known = await ctx.registers.joining.find({ digest }, { limit: 1 });
  if (known.items[0] !== undefined) return { id: known.items[0].key, digest };
  const { membership, view } = now;
  if (request.anchor.toSorted().join() !== membership.anchor.toSorted().join()) return ctx.refuse("other-directory");
  const { code: node, division, name } = request.entry;
  if (!isWithin(division, membership.division)) return ctx.refuse("not-ours", { division });
  if (view.node(node) !== undefined) return ctx.refuse("code-taken", { node });
  const taken = takenLog(request.entry, view.nodes());
  if (taken !== undefined) return ctx.refuse("log-taken", taken);
  for (const status of ["received", "proposed"] as const) {
    const waiting = await ctx.registers.joining.find({ status }, { limit: WAITING_MAX });
    if (waiting.items.length >= WAITING_MAX) return ctx.refuse("too-many");
  }
  const id = await unlessTaken(
    ctx.registers.joining.put({ digest, node, name, note, status: "received", receivedAt: ctx.now }),
  );
  // Sent twice at once: the other one is in, and is found by the next question.
  return id === undefined ? ctx.refuse("too-many") : { id, digest };
});
