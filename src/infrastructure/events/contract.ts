import { z } from "zod";
import { command, defineContract, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { TRACEPARENT } from "#kernel/system/trace";
import { text } from "#lib/language/text";
import {
  full,
  Instant,
  legalBasis,
  MANAGE,
  NodeCode,
  notAdmitted,
  PART,
  Priority,
  RoomCode,
  roomUnknown,
  Since,
  subscriptionUnknown,
  TypeName,
  typeUnknown,
} from "./event-names.ts";
import { followOperations } from "./follow-contract.ts";

export { MANAGE };

/** An event's JSON, in UTF-8. */
export const MAX_EVENT_BYTES = 256 * 1024;
/** A type's JSON Schema, in UTF-8. */
export const MAX_SCHEMA_BYTES = 64 * 1024;
/** Events in one act of publishing, of acknowledging, and in one answer. */
export const MAX_EVENTS = 500;
/** Rooms, types, participants and subscriptions in one answer. */
export const MAX_LISTED = 200;
const MAX_KEY = 200;
const MAX_TTL_SECONDS = 315_360_000;
const REASON_MAX = 500;

const Member = field(
  z.string().regex(new RegExp(`^(?:${PART}(?:/${PART}){3}|room:[a-z][a-z-]{0,59}|node:[a-z0-9-]{1,63})$`)),
  {
    title: text("参与方", "Participant"),
    hint: text(
      "业务系统写四段编号；本节点的系统写 room:名称；其他节点写 node:编号",
      "A system's four-part code; room:<id> of this node; node:<code> of another",
    ),
  },
);
const Key = z.string().min(1).max(MAX_KEY);
const Reason = field(z.string().trim().min(1).max(REASON_MAX), { title: text("理由", "Reason"), kind: "textarea" });
const SubscriptionId = field(z.uuid(), { title: text("订阅编号", "Number of the subscription") });
const EventId = field(z.uuid(), { title: text("事件编号", "Number of the event") });
const Delivery = z.enum(["PUSH", "PULL"]);

const Subscription = z.object({
  id: z.uuid(),
  member: z.string(),
  room: z.string(),
  type: z.string(),
  delivery: Delivery,
  ttlSeconds: z.int().optional(),
  fifo: z.boolean(),
  state: z.enum(["active", "paused"]),
});
const Queue = Subscription.extend({
  priority: Priority,
  /** Published and not yet in its window. */
  behind: z.int(),
  waiting: z.int(),
  held: z.int(),
  dead: z.int(),
  delivered: z.int(),
  /** Age of the oldest that waits, in seconds. */
  oldestSeconds: z.int().optional(),
  failures: z.int(),
  retryAt: z.string().optional(),
  lastError: z.string().optional(),
  lastDeliveredAt: z.string().optional(),
});
const EventView = z.object({
  id: z.uuid(),
  sequence: z.int().optional(),
  type: z.string(),
  key: z.string().optional(),
  publisher: z.string(),
  at: z.string(),
  event: z.unknown(),
});
const DeadLetter = z.object({
  subscription: z.uuid(),
  event: z.uuid(),
  sequence: z.int(),
  type: z.string(),
  member: z.string(),
  attempts: z.int(),
  reason: z.string(),
  deadAt: z.string(),
  /** Later ones of the same lane that it holds up. */
  holds: z.int(),
});

/** What is to be published. */
const Outgoing = z.object({
  type: TypeName,
  /** Checked against the type's JSON Schema. */
  event: z.unknown(),
  /** Keeps its order among those with the same key; default what the type's `orderBy` names. */
  key: Key.optional(),
  expiresAt: Instant.optional(),
  /** Of who publishes it: the same id is the same event, published once. */
  id: z.uuid().optional(),
});

const invalidSchema = text(
  "事件的 JSON Schema 不能采用：{problem}",
  "The JSON Schema of the event cannot be taken: {problem}",
);
const targetUnfit = text(
  "推送地址不能采用：业务系统用 https 地址，本节点的系统用其操作名，节点不填。",
  "This target cannot be taken: a system has an https address, a room of this node an operation of its own, a node none.",
);
const deadUnknown = text("没有这个未送达的事件，或已处理。", "There is no such dead letter, or it was dealt with.");

/** Parcels in one call between nodes. */
export const MAX_PARCELS = 100;
/** An event on its way between nodes. */
export const ParcelShape = z.object({
  /** The node where it was published. */
  origin: NodeCode,
  id: z.uuid(),
  room: RoomCode,
  type: TypeName,
  key: Key.optional(),
  publisher: Member,
  at: Instant,
  expiresAt: Instant.optional(),
  /** Where in which trace it was published (W3C Trace Context). */
  trace: z.string().regex(TRACEPARENT).optional(),
  /** The node of origin signed it for its destination: those between cannot change it. */
  proof: z.object({ keyId: z.string().max(120), signature: z.base64().max(200) }).optional(),
  event: z.unknown(),
});

const keeping = { audience: ["official", "node"], duty: MANAGE, legalBasis } as const;
const using = { audience: ["node"], clients: "admitted", legalBasis } as const;
const betweenNodes = { audience: ["node"], fromItsLike: true, legalBasis } as const;
const keepingTypes = { ...keeping, clients: "admitted" } as const;
const asMember = { room: RoomCode, member: Member };
const admitted = { "room-unknown": roomUnknown, "not-admitted": notAdmitted };
const onSubscription = { ...admitted, "subscription-unknown": subscriptionUnknown };

/** 事件: what happened is published once and reaches whoever subscribed, in order, however long that takes. */
export const events = defineContract({
  id: "events",
  version: "1.0",
  title: text("事件交换", "Events"),
  steward: text("政务数据共享主管部门", "Office in charge of government data sharing"),
  ofEveryNode: true,
  operations: {
    ...followOperations,
    openRoom: command({
      ...keeping,
      title: text("开设事件室", "Open an event room"),
      input: z.object({
        room: RoomCode,
        title: field(z.string().trim().min(1).max(200), { title: text("名称", "Title") }),
        retentionDays: field(z.int().min(1).max(3650), { title: text("可重放天数", "Days that it can be replayed") }),
      }),
      output: z.object({ id: z.uuid() }),
      refusals: { "not-admitted": notAdmitted, taken: text("已有同名事件室。", "There is such a room already."), full },
    }),
    listRooms: query({
      lists: { rows: { room: "text" } },
      ...keeping,
      title: text("事件室一览", "Event rooms"),
      input: z.object({}),
      output: z.object({
        items: z.array(
          z.object({
            room: z.string(),
            title: z.string(),
            contract: z.string().optional(),
            retentionDays: z.int(),
            types: z.array(z.string()),
            participants: z.array(
              z.object({
                member: z.string(),
                mayPublish: z.boolean(),
                maySubscribe: z.boolean(),
                mayManage: z.boolean(),
                target: z.string().optional(),
              }),
            ),
          }),
        ),
      }),
      refusals: { "not-admitted": notAdmitted },
    }),
    admit: command({
      ...keeping,
      title: text("接纳参与方", "Admit a participant"),
      input: z.object({
        ...asMember,
        mayPublish: field(z.boolean(), { title: text("可以发布", "May publish") }),
        maySubscribe: field(z.boolean(), { title: text("可以订阅", "May subscribe") }),
        mayManage: field(z.boolean(), { title: text("可以管理事件类型", "May manage event types") }),
        target: field(z.string().trim().min(1).max(1000).optional(), {
          title: text("推送到", "Push to"),
          hint: text(
            "业务系统的 https 地址，或本节点系统的操作名",
            "A system's https address, or an operation of the room",
          ),
        }),
      }),
      output: z.object({
        id: z.uuid(),
        /** Of a system, shown once: what it authenticates with, and what its events are signed with. */
        token: field(z.string().optional(), {
          title: text("令牌，只显示这一次", "Token, shown this once"),
          sensitive: true,
        }),
        pushSecret: field(z.string().optional(), {
          title: text("推送签名密钥，只显示这一次", "What pushes are signed with, shown this once"),
          sensitive: true,
        }),
      }),
      refusals: {
        ...admitted,
        taken: text("已是参与方。", "It is a participant already."),
        "target-unfit": targetUnfit,
        full,
      },
    }),
    dismiss: command({
      ...keeping,
      title: text("移除参与方", "Dismiss a participant"),
      input: z.object({ ...asMember, reason: Reason }),
      output: z.object({}),
      refusals: admitted,
    }),
    defineType: command({
      ...keepingTypes,
      title: text("定义事件类型", "Define an event type"),
      input: z.object({
        room: RoomCode,
        /** Who asks, where it is a participant that may manage the room. */
        member: Member.optional(),
        type: TypeName,
        schema: z.unknown(),
        orderBy: z.string().min(1).max(100).optional(),
        priority: Priority.default("normal"),
      }),
      output: z.object({ id: z.uuid() }),
      refusals: {
        ...admitted,
        taken: text("已有同名事件类型。", "There is such an event type already."),
        "invalid-schema": invalidSchema,
        full,
      },
    }),
    removeType: command({
      ...keepingTypes,
      title: text("移除事件类型", "Remove an event type"),
      input: z.object({ room: RoomCode, member: Member.optional(), type: TypeName }),
      output: z.object({}),
      refusals: { ...admitted, "type-unknown": typeUnknown },
    }),
    listTypes: query({
      lists: { rows: { room: "text", type: "text" } },
      ...keepingTypes,
      title: text("事件类型一览", "Event types of a room"),
      input: z.object({ room: RoomCode, member: Member.optional(), type: TypeName.optional() }),
      output: z.object({
        items: z.array(
          z.object({ type: z.string(), schema: z.unknown(), orderBy: z.string().optional(), priority: Priority }),
        ),
      }),
      refusals: admitted,
    }),
    publish: command({
      ...using,
      title: text("发布事件", "Publish events"),
      input: z.object({ ...asMember, events: z.array(Outgoing).min(1).max(MAX_EVENTS) }),
      output: z.object({ ids: z.array(z.uuid()) }),
      refusals: {
        ...admitted,
        "type-unknown": typeUnknown,
        "invalid-event": text(
          "第 {place} 个事件不符合其类型：{problem}",
          "Event {place} does not fit its type: {problem}",
        ),
      },
    }),
    findEvent: query({
      ...using,
      title: text("查询事件状态", "Look up a published event"),
      input: z.object({ ...asMember, type: TypeName, id: z.uuid() }),
      output: EventView.extend({
        state: z.enum(["accepted", "delivering", "delivered", "stopped"]),
        /** Subscribers that have not acknowledged it; dead letters are among them. */
        pending: z.int(),
        dead: z.int(),
      }),
      refusals: { ...admitted, "event-unknown": text("没有这个事件。", "There is no such event.") },
    }),
    stopEvent: command({
      ...using,
      title: text("停止事件", "Stop an event"),
      input: z.object({ ...asMember, type: TypeName, id: z.uuid() }),
      output: z.object({}),
      refusals: { ...admitted, "event-unknown": text("没有这个事件。", "There is no such event.") },
    }),
    subscribe: command({
      ...using,
      title: text("订阅", "Subscribe"),
      input: z.object({
        ...asMember,
        type: TypeName,
        delivery: Delivery,
        ttlSeconds: z.int().min(1).max(MAX_TTL_SECONDS).optional(),
        fifo: z.boolean().default(false),
        /** From the beginning of what is kept, from now on (default), or from an instant. */
        from: Since.default("now"),
      }),
      output: Subscription,
      refusals: {
        ...admitted,
        "type-unknown": typeUnknown,
        taken: text("已经订阅。", "It is subscribed to already."),
        "target-missing": text("没有推送地址，只能自行拉取。", "There is no address to push to; it can be pulled."),
        full,
      },
    }),
    listSubscriptions: query({
      unfiltered: "admitted",
      ...using,
      title: text("我的订阅", "Subscriptions of a participant"),
      input: z.object({ ...asMember, type: TypeName.optional() }),
      output: z.object({ items: z.array(Subscription) }),
      refusals: admitted,
    }),
    changeSubscription: command({
      ...using,
      title: text("更改订阅", "Change a subscription"),
      input: z.object({
        ...asMember,
        type: TypeName,
        delivery: Delivery.optional(),
        ttlSeconds: z.int().min(1).max(MAX_TTL_SECONDS).optional(),
        fifo: z.boolean().optional(),
      }),
      output: Subscription,
      refusals: {
        ...onSubscription,
        "target-missing": text("没有推送地址，只能自行拉取。", "There is no address to push to; it can be pulled."),
      },
    }),
    unsubscribe: command({
      ...using,
      title: text("退订", "Unsubscribe"),
      input: z.object({ ...asMember, type: TypeName }),
      output: z.object({}),
      refusals: onSubscription,
    }),
    pull: query({
      unfiltered: "admitted",
      ...using,
      title: text("拉取事件", "Pull events"),
      input: z.object({ ...asMember, type: TypeName, limit: z.int().min(1).max(MAX_EVENTS).default(1) }),
      output: z.object({ items: z.array(EventView) }),
      refusals: { ...onSubscription, pushed: text("此订阅由系统推送。", "This subscription is pushed.") },
    }),
    acknowledge: command({
      ...using,
      title: text("确认收到", "Acknowledge events"),
      input: z.object({ ...asMember, type: TypeName, ids: z.array(z.uuid()).min(1).max(MAX_EVENTS) }),
      output: z.object({ acknowledged: z.int() }),
      refusals: {
        ...onSubscription,
        pushed: text("此订阅由系统推送。", "This subscription is pushed."),
        "event-unknown": text("没有待确认的这个事件。", "No such event waits to be acknowledged."),
      },
    }),
    rejectEvent: command({
      ...using,
      title: text("拒收事件", "Reject an event"),
      input: z.object({ ...asMember, type: TypeName, id: z.uuid(), reason: z.string().trim().min(1).max(200) }),
      output: z.object({}),
      refusals: {
        ...onSubscription,
        "event-unknown": text("没有待确认的这个事件。", "No such event waits to be acknowledged."),
      },
    }),
    receive: command({
      ...betweenNodes,
      title: text("接收其他节点的事件", "Take events of another node"),
      input: z.object({ parcels: z.array(ParcelShape).min(1).max(MAX_PARCELS) }),
      output: z.object({
        /** So many of the first were taken; they are safe here. */
        taken: z.int(),
        /** The one behind them, and why it was not. */
        refused: z
          .object({ id: z.uuid(), code: z.enum(["room-unknown", "type-unknown", "not-admitted", "invalid-event"]) })
          .optional(),
      }),
      refusals: { "not-admitted": notAdmitted },
    }),
    forward: command({
      ...betweenNodes,
      title: text("转发事件", "Pass events on"),
      input: z.object({ destination: NodeCode, parcels: z.array(ParcelShape).min(1).max(MAX_PARCELS) }),
      output: z.object({ taken: z.int() }),
      refusals: { "not-admitted": notAdmitted, full },
    }),
    listQueues: query({
      lists: { rows: { room: "text", type: "text" } },
      ...keeping,
      title: text("订阅与队列", "Subscriptions and their queues"),
      input: z.object({ room: RoomCode.optional() }),
      output: z.object({ items: z.array(Queue) }),
      refusals: { "not-admitted": notAdmitted },
    }),
    listDeadLetters: query({
      lists: { rows: { room: "text", type: "text" } },
      ...keeping,
      title: text("未送达的事件", "Dead letters"),
      input: z.object({ subscription: z.uuid().optional(), limit: z.int().min(1).max(MAX_EVENTS).default(100) }),
      output: z.object({ items: z.array(DeadLetter) }),
      refusals: { "not-admitted": notAdmitted },
    }),
    replayDead: command({
      ...keeping,
      title: text("重新投递未送达的事件", "Deliver dead letters again"),
      input: z.object({ subscription: SubscriptionId, events: z.array(z.uuid()).min(1).max(MAX_EVENTS).optional() }),
      output: z.object({ replayed: z.int() }),
      refusals: {
        "not-admitted": notAdmitted,
        "subscription-unknown": subscriptionUnknown,
        "dead-unknown": deadUnknown,
      },
    }),
    discardDead: command({
      ...keeping,
      title: text("放弃未送达的事件", "Give up a dead letter"),
      input: z.object({ subscription: SubscriptionId, event: EventId, reason: Reason }),
      output: z.object({}),
      refusals: {
        "not-admitted": notAdmitted,
        "subscription-unknown": subscriptionUnknown,
        "dead-unknown": deadUnknown,
      },
    }),
    replay: command({
      ...keeping,
      title: text("从某时起重放", "Replay from an instant"),
      input: z.object({ subscription: SubscriptionId, from: z.union([z.literal("beginning"), Instant]) }),
      output: z.object({ events: z.int() }),
      refusals: { "not-admitted": notAdmitted, "subscription-unknown": subscriptionUnknown },
    }),
    setPaused: command({
      ...keeping,
      title: text("暂停或恢复订阅", "Pause or resume a subscription"),
      input: z.object({ subscription: SubscriptionId, paused: z.boolean() }),
      output: z.object({}),
      refusals: { "not-admitted": notAdmitted, "subscription-unknown": subscriptionUnknown },
    }),
  },
});
