import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";

/** 政务数据共享条例 (2025, State Council decree 809). */
const DATA_SHARING = text("政务数据共享条例", "Regulations on Government Data Sharing");
export const legalBasis = [cite(DATA_SHARING, "第四条")];

/** The duty to keep event rooms: who publishes, who subscribes, what becomes of what could not be delivered. */
export const MANAGE = "events.manage";

export const PART = "[A-Za-z0-9._-]{1,60}";
export const RoomCode = field(z.string().regex(new RegExp(`^${PART}(?:/${PART}){3}$`)), {
  title: text("事件室", "Event room"),
  hint: text(
    "实例/类别/成员/应用，如 CN/GOV/990101/licensing",
    "instance/class/member/application: CN/GOV/990101/licensing",
  ),
});
export const TypeName = field(z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,99}$/), {
  title: text("事件类型", "Event type"),
});
export const NodeCode = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
/** A year 0000 is none to the database. */
export const Instant = z.iso.datetime().refine((instant) => !instant.startsWith("0000"));
/** From the beginning of what is kept, from now on, or from an instant. */
export const Since = z.union([z.literal("beginning"), z.literal("now"), Instant]);
export const Priority = field(z.enum(["urgent", "normal", "bulk"]), {
  title: text("优先级", "Priority"),
  kind: "radios",
  options: { urgent: text("紧急", "Urgent"), normal: text("一般", "Normal"), bulk: text("批量", "Bulk") },
});

export const roomUnknown = text("没有这个事件室。", "There is no such event room.");
export const typeUnknown = text("事件室中没有这个事件类型。", "The event room has no such event type.");
export const notAdmitted = text(
  "未获准在此事件室这样做。请与事件室的管理部门联系。",
  "This is not admitted in this event room; ask its manager.",
);
export const subscriptionUnknown = text("没有这个订阅。", "There is no such subscription.");
export const full = text("数量已达上限。", "There are too many already.");
