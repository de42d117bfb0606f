import { text } from "#lib/language/text";
import { defineFaults } from "../errors/fault.ts";

export const LEDGER_FAULTS = defineFaults({
  ERR_LEDGER_ENTRY: text("存证条目不符合要求", "A ledger entry is not one that can be recorded"),
  ERR_LEDGER_CONTENT: text("存证内容无法解密或已被改动", "The content of a ledger entry does not open, or was changed"),
  ERR_LEDGER_PERIOD_KEY: text("存证期间密钥无法解密", "The key of a period of the ledger does not open"),
  ERR_LEDGER_TREE: text("存证日志的树数据缺失或已被改动", "The ledger's tree is incomplete, or was changed"),
  ERR_LEDGER_SIGNER: text("检查点签名无效", "The checkpoint signer did not give a valid signature"),
  ERR_LEDGER_THREAD: text("核验所用的线程意外终止", "A thread of a verification ended unexpectedly"),
});
