import { z } from "zod";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import {
  full,
  legalBasis,
  MANAGE,
  NodeCode,
  notAdmitted,
  Priority,
  RoomCode,
  roomUnknown,
  Since,
  subscriptionUnknown,
  TypeName,
  typeUnknown,
} from "./event-names.ts";

const keeping = { audience: ["official", "node"], duty: MANAGE, legalBasis } as const;
const betweenNodes = { audience: ["node"], fromItsLike: true, legalBasis } as const;

const Followed = z.object({
  id: z.uuid(),
  node: z.string(),
  room: z.string(),
  type: z.string(),
  /** The event room here in which it is subscribed to. */
  here: z.string(),
  /** Asked for; it comes; asked not to come any more. */
  state: z.enum(["asked", "in-force", "ending"]),
  /** What the other node answered last, where that was a no: `not-admitted`, `unavailable`. */
  lastError: z.string().optional(),
  /** When it is asked next. */
  dueAt: z.string(),
});

/** Events of other nodes: a node has a type of another one's event room sent to itself, into an event room of its own. */
export const followOperations = {
  follow: command({
    ...keeping,
    title: text("接收其他节点的事件类型", "Have events of another node sent here"),
    input: z.object({
      node: field(NodeCode, { title: text("其他节点的编号", "Code of the other node"), kind: "text" }),
      room: field(RoomCode, {
        title: text("该节点的事件室", "Its event room"),
        hint: text(
          "系统的事件写 zhengtong/ROOM/here/系统名，如 zhengtong/ROOM/here/legal-entities",
          "Events of a room: zhengtong/ROOM/here/<room>, such as zhengtong/ROOM/here/legal-entities",
        ),
      }),
      type: TypeName,
      since: field(Since.default("now"), {
        title: text("从何时起", "Since"),
        hint: text(
          "不填：从现在起；beginning：从该节点保存的最早事件起；或某一时刻，如 2026-11-01T00:00:00Z",
          "Left empty: from now on; beginning: from the first that the other node keeps; or an instant, such as 2026-11-01T00:00:00Z",
        ),
      }),
    }),
    output: z.object({
      id: z.uuid(),
      here: field(z.string(), { title: text("本节点的事件室", "Event room here") }),
    }),
    refusals: {
      "not-admitted": notAdmitted,
      "node-unknown": text(
        "这不是另一个节点，或本节点不属于节点目录。",
        "This is not another node, or this one belongs to no directory of nodes.",
      ),
      taken: text("已在接收。", "It is sent here already."),
      full,
    },
  }),
  unfollow: command({
    ...keeping,
    title: text("不再接收其他节点的事件类型", "Have them sent here no more"),
    input: z.object({ id: field(z.uuid(), { title: text("编号", "Number") }) }),
    output: z.object({}),
    refusals: { "not-admitted": notAdmitted, "subscription-unknown": subscriptionUnknown },
  }),
  listFollowed: query({
    lists: { rows: { room: "text", type: "text" } },
    ...keeping,
    title: text("从其他节点接收的事件类型", "Events of other nodes that are sent here"),
    input: z.object({}),
    output: z.object({ items: z.array(Followed) }),
    refusals: { "not-admitted": notAdmitted },
  }),
  beginFollowing: command({
    ...betweenNodes,
    title: text("其他节点请求接收事件", "Another node wants events"),
    input: z.object({ room: RoomCode, type: TypeName, since: Since }),
    output: z.object({
      title: z.string(),
      schema: z.unknown(),
      orderBy: z.string().optional(),
      priority: Priority,
    }),
    refusals: { "room-unknown": roomUnknown, "not-admitted": notAdmitted, "type-unknown": typeUnknown, full },
  }),
  endFollowing: command({
    ...betweenNodes,
    title: text("其他节点不再接收事件", "Another node wants them no more"),
    input: z.object({ room: RoomCode, type: TypeName }),
    output: z.object({}),
    refusals: {
      "room-unknown": roomUnknown,
      "not-admitted": notAdmitted,
      "subscription-unknown": subscriptionUnknown,
    },
  }),
};
