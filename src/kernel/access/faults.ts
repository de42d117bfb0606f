import { text } from "#lib/language/text";
import { defineFaults } from "../errors/fault.ts";

export const ACCESS_FAULTS = defineFaults({
  ERR_ACCESS_POLICIES: text("访问控制策略有误，系统不能启动", "The access policies are wrong; the node cannot start"),
});
