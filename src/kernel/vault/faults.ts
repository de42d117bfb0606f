import { text } from "#lib/language/text";
import { defineFaults } from "../errors/fault.ts";

export const VAULT_FAULTS = defineFaults({
  ERR_VAULT_KEY: text("数据是用本节点没有的密钥加密的", "Data was sealed with a key that this node does not have"),
  ERR_VAULT_ERASED: text("数据已依法删除：其密钥已销毁", "The data was lawfully erased: its key was destroyed"),
  ERR_VAULT_SEAL: text("加密数据已被改动，或不属于此处", "Sealed data was changed, or does not belong here"),
});
