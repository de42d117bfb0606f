import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const DATASETS_FAULTS = defineFaults({
  ERR_DATASETS_NO_PORTS: text("数据集尚未接通节点", "The node was not given to the room of data sets"),
  ERR_DATASETS_PARCEL: text(
    "收到的数据不能采用：无法解密、格式不符或与约定不一致",
    "What came cannot be taken: it does not open, has another form, or is not what was agreed",
  ),
  ERR_DATASETS_MARKED: text(
    "收到的数据中有标有国家秘密的内容，本节点不得接收",
    "Something in what came is marked as a state secret, which this node does not take",
  ),
  ERR_DATASETS_DAMAGED: text(
    "副本中的一条数据与收到时不一致，可能被改动",
    "A version in a copy is not as it was received; it may have been changed",
  ),
  ERR_DATASETS_MOVED: text(
    "副本已被另一进程更新，稍后再试",
    "Another process moved the copy on meanwhile; it is tried again",
  ),
});
