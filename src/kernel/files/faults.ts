import { text } from "#lib/language/text";
import { defineFaults } from "../errors/fault.ts";

export const FILE_FAULTS = defineFaults({
  ERR_FILE_DAMAGED: text("文件内容已损坏或被改动", "A stored file is damaged or was changed"),
  ERR_FILE_DISK: text("文件存储读写失败", "The file store could not be read or written"),
  ERR_FILE_MISSING: text("文件不存在", "A file is not in the store"),
  ERR_FILE_SCANNER: text("恶意程序扫描服务无法使用", "The malware scanner cannot be used"),
  ERR_FILE_SIZE: text("文件为空或过大", "A file is empty or too big"),
});
