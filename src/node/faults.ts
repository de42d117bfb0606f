import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const NODE_FAULTS = defineFaults({
  ERR_ZONE_FIXED: text(
    "节点所在区域在首次启动时已确定，不能改变；请改回，或在新的数据目录上另建节点",
    "The node's zone was settled at its first start and does not change; set it back, or start another node on a data folder of its own",
  ),
  ERR_ZONE_REACH: text(
    "内网节点不得连接其他区域，请改正这项配置",
    "A node of the intranet does not reach other zones; correct this setting",
  ),
  ERR_FERRY_MEDIA_TOO_SMALL: text(
    "介质太小，分不完这个包，未写出任何部分；请用更大的介质（--media-mb）",
    "The media are too small for this package, and nothing was written; use larger ones (--media-mb)",
  ),
  ERR_CEREMONY: text(
    "仪式目录与根密钥不符，未作任何签发",
    "The ceremony's folder does not hold together with its root; nothing was signed",
  ),
  ERR_CEREMONY_SHARE: text("份额不能用，未作任何签发", "Shares cannot be used as they were given; nothing was signed"),
  ERR_BACKUP_DAMAGED: text("备份不完整或已被改动", "The backup is incomplete or was changed"),
  ERR_BACKUP_PERIOD_KEYS: text("期间密钥文件属于另一个节点", "The file of period keys is that of another node"),
  ERR_BACKUP_TARGET: text("备份或恢复的目标不是空的", "The target of the backup or restore is not empty"),
  ERR_CONFIGURATION: text("配置有误", "The configuration is wrong"),
  ERR_DATA_FOLDER: text("数据目录不可用", "The data folder cannot be used"),
  ERR_DATA_FOLDER_IN_USE: text("数据目录正被另一个进程使用", "Another process uses the data folder"),
  ERR_DISK_FULL: text("磁盘空间不足", "The disk is full"),
  ERR_KEY_MATERIAL: text("密钥材料缺失、损坏或权限不当", "Key material is missing, damaged or open to others"),
  ERR_DEMONSTRATION: text("演示数据未能装入", "The demonstration data could not be loaded"),
  ERR_WITNESS_STATE: text(
    "见证者的记录已损坏，不能继续见证",
    "What the witness has seen is damaged: it vouches for nothing more",
  ),
  ERR_SUITES_FIXED: text(
    "密码套件在首次启动时已确定，数据未作任何改动：请去掉 ZHENGTONG_SUITES 或改回原值",
    "The cryptographic suites were settled at the first start, and nothing was changed: leave ZHENGTONG_SUITES out or set it back",
  ),
  ERR_VERIFIER_BUILD: text("未能生成核验工具", "The verifier could not be made"),
  ERR_NO_NODE: text(
    "此数据目录中没有节点，未作任何更改：请核对 ZHENGTONG_DATA，或者先用 start 或 init 建立节点",
    "There is no node in this data folder, and nothing was changed: check ZHENGTONG_DATA, or make a node with start or init first",
  ),
  ERR_PORT_TAKEN: text("端口已被占用", "The port is taken"),
});
