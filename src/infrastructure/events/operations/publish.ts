import { events, MAX_EVENT_BYTES } from "#infrastructure/events";
import { enteringEvents, type OutgoingEvent } from "#kernel/system/outbox";
import { utf8 } from "#lib/crypto/bytes";
import { compileSchema } from "../event-schema.ts";
import { implement } from "../implement.ts";
import { newId } from "../new-id.ts";
import { admittedAs, isRefused, typeOf } from "../participants.ts";

const MAX_KEY_CHARACTERS = 200;
const TOO_LARGE = `it has more than ${MAX_EVENT_BYTES} bytes`;

export const publish = implement("publish", async (ctx, { room, member, events: published }) => {
  const sql = ctx.tables.read();
  const admitted = await admittedAs(sql, ctx.act, { room, member, right: "publish" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const types = new Map<string, Awaited<ReturnType<typeof typeOf>>>();
  for (const name of new Set(published.map(({ type }) => type))) {
    types.set(name, await typeOf(sql, admitted.roomId, name));
  }
  const outgoing: OutgoingEvent[] = [];
  for (const [place, one] of published.entries()) {
    const type = types.get(one.type);
    if (!type) return ctx.refuse("type-unknown");
    const compiled = compileSchema(type.schema);
    const plain = utf8(JSON.stringify(one.event ?? null));
    const problem =
      plain.length > MAX_EVENT_BYTES ? TOO_LARGE : compiled.ok ? compiled.check(one.event) : compiled.problem;
    if (problem !== undefined) return ctx.refuse("invalid-event", { place: place + 1, problem });
    const id = one.id ?? newId(ctx.now);
    outgoing.push({
      ...{ id, room: events.id, type: type.id, caseId: ctx.act.caseId, at: ctx.now },
      sealed: ctx.secrets.seal(plain, id),
      key: one.key ?? keyOf(one.event, type.orderBy),
      about: { publisher: member, ...(one.expiresAt && { expiresAt: one.expiresAt }) },
    });
  }
  const { text, values } = enteringEvents(outgoing);
  await (await ctx.tables.write()).query(text, values);
  return { ids: outgoing.map(({ id }) => id) };
});

/** What the type keeps its order by: a text or number of the event itself. */
function keyOf(event: unknown, orderBy: string | null): string | undefined {
  if (orderBy === null || typeof event !== "object" || event === null) return undefined;
  const value: unknown = (event as Readonly<Record<string, unknown>>)[orderBy];
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return String(value).slice(0, MAX_KEY_CHARACTERS) || undefined;
}
