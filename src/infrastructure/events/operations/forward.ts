import { events } from "#infrastructure/events";
import { enteringEvents } from "#kernel/system/outbox";
import { utf8 } from "#lib/crypto/bytes";
import { implement } from "../implement.ts";
import { admittedAs, isRefused } from "../participants.ts";
import { isTransitFull, TRANSIT_ROOM, transitId, transitKey, transitType } from "../transit.ts";

/** Keeps parcels for a node that lies further on; who brought them need not keep them any longer. */
export const forward = implement("forward", async (ctx, { destination, parcels }) => {
  const { origin } = ctx.act;
  if (origin === undefined || origin.client !== undefined) return ctx.refuse("not-admitted");
  const member = `node:${origin.node}`;
  const admitted = await admittedAs(ctx.tables.read(), ctx.act, { room: TRANSIT_ROOM, member, right: "publish" });
  if (isRefused(admitted)) return ctx.refuse("not-admitted");
  const sql = await ctx.tables.write();
  const type = await transitType(sql, destination, ctx.now);
  if (await isTransitFull(sql, type)) return ctx.refuse("full");
  const { text, values } = enteringEvents(
    parcels.map((parcel) => {
      const id = transitId(destination, parcel);
      return {
        ...{ id, room: events.id, type, caseId: undefined, at: ctx.now, key: transitKey(parcel) },
        sealed: ctx.secrets.seal(utf8(JSON.stringify(parcel)), id),
        about: {
          publisher: member,
          ...(parcel.expiresAt && { expiresAt: parcel.expiresAt }),
          ...(parcel.trace && { trace: parcel.trace }),
        },
      };
    }),
  );
  await sql.query(text, values);
  return { taken: parcels.length };
});
