import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const DIRECTORY_FAULTS = defineFaults({
  ERR_DIRECTORY_SILENT: text("机构目录未能回答", "The directory did not answer"),
  ERR_DIRECTORY_NO_KEYS: text(
    "本节点的目录密钥未打开",
    "The keys with which this node belongs to a directory of nodes are not open",
  ),
  ERR_DIRECTORY_PEER: text(
    "上级节点未按约定回答。未作任何更改；请核对网址后重试",
    "The node above did not answer as agreed. Nothing was changed; check the address and try again",
  ),
  ERR_DIRECTORY_DECLINED: text("未获接受，未作任何更改", "It was declined, and nothing was changed"),
  ERR_DIRECTORY_REFUSED: text(
    "节点目录不可信，已拒收",
    "The directory of nodes is not to be believed, and was not taken",
  ),
});
