import { GRANT_PROBLEMS } from "#infrastructure/datasets";
import { type Text, text } from "#lib/language/text";

/** What copies of data sets are said to be. */
export const COPY_STATES: Readonly<Record<string, Text>> = {
  waiting: text("等待来源方", "Waiting for the source"),
  filling: text("正在取得", "Being filled"),
  current: text("可用", "Whole"),
  stopped: text("已停止", "Stopped"),
};

export const SET_STATES: Readonly<Record<string, Text>> = {
  preparing: text("正在准备", "Being prepared"),
  ready: text("可供", "Ready"),
};

/** What stands in the way of a copy, and who has to do what. */
export const TROUBLES: Readonly<Record<string, Text>> = {
  ...GRANT_PROBLEMS,
  "other-grant": text(
    "来源方按另一项授权提供：请核对授权编号后重新建立",
    "The source gives by another grant: check its number and have a copy kept anew",
  ),
  "not-agreed": text(
    "来源方没有约定，或约定已终止：请与数源部门联系",
    "No agreement at the source, or it ended: turn to the steward",
  ),
  preparing: text("来源方正在准备", "The source is preparing it"),
  unavailable: text("来源节点无法访问，将继续尝试", "The source cannot be reached; it is tried again"),
  denied: text("来源节点拒绝", "The source refused"),
  "other-attributes": text(
    "双方约定的属性不一致：请核对后重新约定",
    "The two sides agreed on other attributes: agree anew",
  ),
  "other-division": text(
    "双方约定的区划不一致：请核对后重新约定",
    "The two sides agreed on other divisions: agree anew",
  ),
  major: text("来源方结构有重大变更：请重新约定", "The source has another major version: agree anew"),
  removed: text("来源方删除了属性：请重新约定", "The source removed an attribute: agree anew"),
  changed: text("来源方改变了属性：请重新约定", "The source changed an attribute: agree anew"),
  ahead: text("来源方可能从备份恢复，正在核对", "The source may have been restored from a backup; being reconciled"),
  "too-old": text("落后过久，正在核对", "Too far behind; being reconciled"),
  damaged: text(
    "来源方有数据被改动：来源方须查明",
    "A version at the source was changed: the source has to look into it",
  ),
  "too-large": text(
    "来源方有条目过大：来源方须处理",
    "An entry at the source is too large: the source has to see to it",
  ),
  marked: text(
    "来源方的数据中有标有国家秘密的内容，未予接收：来源方须立即处理",
    "Something at the source is marked as a state secret and was not taken: the source has to see to it at once",
  ),
  malformed: text("来源方的答复格式不符", "The source's answer has another form"),
  "theirs-inconsistent": text(
    "来源方的汇总与数据不符：来源方须重新汇总",
    "The source's sums are wrong: it has to sum up anew",
  ),
  "too-many": text("差异过多，重新取得", "Too much differs; filled anew"),
};

const WAITING = new Set(["waiting", "filling", "preparing"]);

export function tagOf(state: string): string {
  if (state === "current" || state === "ready") return "";
  return WAITING.has(state) ? "zt-tag--wait" : "zt-tag--bad";
}
