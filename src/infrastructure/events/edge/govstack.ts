import { z } from "zod";
import { contractRoomCode } from "../contract-types.ts";

/** Shapes of GovStack's Information Mediator PubSub API 2.0, as they come in; each member is bounded. */
const PART = z.string().max(60);
const Member = z.object({ instanceId: PART, memberClass: PART, memberCode: PART, applicationCode: PART });
/** What the API says where a subscriber does not. */
const DEFAULT_TTL_SECONDS = 3_600;
const MAX_TTL_SECONDS = 315_360_000;
const MAX_NAME = 100;

export const EventTypeBody = z.object({
  eventType: z.string().max(MAX_NAME),
  schema: z.record(z.string(), z.unknown()),
});
export const PublishBody = z.object({ eventType: z.string().max(MAX_NAME), event: z.record(z.string(), z.unknown()) });
const Options = z.object({ TTL: z.int().min(1).max(MAX_TTL_SECONDS).optional(), FIFO: z.boolean().optional() });
export const SubscriptionBody = z.object({
  subscriberId: Member.partial().optional(),
  eventType: z.string().max(MAX_NAME),
  delivery: z.enum(["PUSH", "PULL"]).default("PUSH"),
  options: Options.transform(({ TTL = DEFAULT_TTL_SECONDS, FIFO = false }) => ({ TTL, FIFO })).default({
    TTL: DEFAULT_TTL_SECONDS,
    FIFO: false,
  }),
});
/** What is not said stays as it is. */
export const SubscriptionChange = z.object({
  eventType: z.string().max(MAX_NAME),
  delivery: z.enum(["PUSH", "PULL"]).optional(),
  options: Options.default({}),
});

/** `CN/GOV/990101/police` as the API spells a member; a room of this node as its event room. */
export function memberOf(member: string) {
  const code = member.startsWith("room:") ? contractRoomCode(member.slice("room:".length)) : member;
  const [instanceId = "", memberClass = "", memberCode = "", applicationCode = ""] = code.split("/");
  return { instanceId, memberClass, memberCode, applicationCode };
}

/** A subscription as the API shows it. */
export function subscriptionItem(subscription: {
  readonly id: string;
  readonly member: string;
  readonly type: string;
  readonly delivery: "PUSH" | "PULL";
  readonly ttlSeconds?: number | undefined;
  readonly fifo: boolean;
}) {
  const { ttlSeconds } = subscription;
  return {
    id: subscription.id,
    subscriberId: memberOf(subscription.member),
    eventType: subscription.type,
    delivery: subscription.delivery,
    options: { ...(ttlSeconds !== undefined && { TTL: ttlSeconds }), FIFO: subscription.fifo },
  };
}

/** An event as the API shows it. */
export function eventItem(event: {
  readonly id: string;
  readonly sequence?: number | undefined;
  readonly publisher: string;
  readonly type: string;
  readonly event?: unknown;
}) {
  return {
    id: event.id,
    ...(event.sequence !== undefined && { sequence: event.sequence }),
    publisherId: memberOf(event.publisher),
    eventType: event.type,
    event: event.event,
  };
}
