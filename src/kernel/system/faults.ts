import { text } from "#lib/language/text";
import { defineFaults } from "../errors/fault.ts";

export const SYSTEM_FAULTS = defineFaults({
  ERR_ACT_TOO_MANY_SUBJECTS: text("一次操作涉及的对象过多", "One act concerns too many people or organizations"),
  ERR_DOOR_AFTER_WRITE: text(
    "在写入之后向其他系统查询：查询必须先于写入",
    "A query to another room after the first write: queries come before it",
  ),
  ERR_DOOR_FROM_QUERY: text("查询操作不得发出指令或写入", "A query may neither write nor send a command"),
  ERR_LIST_UNFILTERED: text(
    "列表未按访问策略筛选，不予返回",
    "A list was made without the condition that access policies put on its rows; it is not given out",
  ),
  ERR_NODE_AWAY: text(
    "保管该系统的节点暂时无法访问；消息仍在队列中，将再次发送",
    "The node that keeps the room cannot be reached; the message stays in the queue and is sent again",
  ),
  ERR_OUTPUT_BROKEN: text(
    "系统的返回内容不符合其承诺",
    "A room answered with something other than its contract promises",
  ),
  ERR_UNKNOWN_OPERATION: text("没有这项操作", "There is no such operation"),
  ERR_ROOMS_INVALID: text(
    "系统声明有误，节点不能启动",
    "The rooms' declarations are not valid; the node does not start",
  ),
});
