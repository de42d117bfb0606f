import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const SECURITY_FAULTS = defineFaults({
  ERR_SECURITY_NO_PORTS: text("权限管理尚未接通访问控制", "The house's access was not given to the security room"),
  ERR_SECURITY_DIRECTORY_SILENT: text(
    "机构目录未能回答，权限变更暂不能处理",
    "The directory did not answer; changes of rights wait",
  ),
});
