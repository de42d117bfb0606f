import { isFault } from "#kernel/errors/fault";
import { fromUtf8 } from "#lib/crypto/bytes";
import { dueDeliveries } from "../deliveries.ts";
import { implement } from "../implement.ts";
import { admittedAs, isRefused } from "../participants.ts";
import { subscriptionOf } from "../subscriptions.ts";

/** Changes nothing: what is not acknowledged comes again. In the order of the log; none that has to wait behind another of its key. */
export const pull = implement("pull", async (ctx, { room, member, type, limit }) => {
  const sql = ctx.tables.read();
  const admitted = await admittedAs(sql, ctx.act, { room, member, right: "subscribe" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const known = await subscriptionOf(sql, admitted.participantId, type);
  if (!known) return ctx.refuse("subscription-unknown");
  if (known.delivery === "PUSH") return ctx.refuse("pushed");
  const { due } = await dueDeliveries(sql, known, { now: ctx.now, limit });
  const items = [];
  const stopped = new Set<string>();
  for (const { id, seq, key, publisher, at, payload, lane } of due) {
    if (lane !== null && stopped.has(lane)) continue;
    try {
      const event: unknown = JSON.parse(fromUtf8(ctx.secrets.open(payload, id)));
      items.push({ ...{ id, type, publisher, at, sequence: seq }, ...(key !== null && { key }), event });
    } catch (error) {
      // It becomes a dead letter (`sweeps.ts`); until then its lane waits, and the others do not.
      if (!isFault(error)) throw error;
      if (lane !== null) stopped.add(lane);
    }
  }
  return { items };
});
