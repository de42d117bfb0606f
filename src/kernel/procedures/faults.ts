import { text } from "#lib/language/text";
import { defineFaults } from "../errors/fault.ts";

export const PROCEDURE_FAULTS = defineFaults({
  ERR_PROCEDURE_DEFINITION: text("流程文件不能执行", "A procedure file cannot be executed"),
  ERR_PROCEDURE_UNKNOWN: text("流程定义不存在", "A procedure definition is missing"),
  ERR_PROCEDURE_NO_PATH: text("流程中没有可走的分支", "No branch of a gateway can be taken"),
  ERR_PROCEDURE_STUCK: text("流程停在不能到齐的汇合处", "A case stopped at a join that can never be complete"),
  ERR_PROCEDURE_LIMIT: text("流程超出步数或规模上限", "A case takes more steps or room than a procedure may"),
  ERR_PROCEDURE_VALUE: text("流程变量的值不合要求", "A procedure needs a value that its variables do not give"),
  ERR_PROCEDURE_WAIT: text("流程事件与办件状态不符", "An event does not fit what the case waits for"),
});
