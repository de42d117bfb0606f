import { text } from "#lib/language/text";
import { defineFaults } from "../errors/fault.ts";

export const WITNESSING_FAULTS = defineFaults({
  ERR_WITNESS_AHEAD: text(
    "见证者见过本日志更后的状态：本节点的数据库可能被回退",
    "A witness has seen more of this log than there is: the database may have been set back",
  ),
  ERR_WITNESS_REFUSED: text(
    "见证者认为本日志与其所见不是同一份历史",
    "A witness says that this log does not continue what it saw",
  ),
  ERR_WITNESS_UNREACHABLE: text("见证者没有应答", "A witness does not answer"),
});
