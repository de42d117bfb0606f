import { text } from "#lib/language/text";
import { defineFaults } from "../errors/fault.ts";

export const DATABASE_FAULTS = defineFaults({
  ERR_CLUSTER_BINARIES: text(
    "缺少本平台的内置 PostgreSQL 程序",
    "The embedded PostgreSQL of this platform is not installed",
  ),
  ERR_CLUSTER_START: text("内置 PostgreSQL 未能启动", "The embedded PostgreSQL did not start"),
  ERR_DATABASE_ABORTED: text("事务已被数据库回滚", "The database rolled the transaction back"),
  ERR_DATABASE_BUSY: text("数据库连接全部占用，等待超时", "Every database connection stayed in use for too long"),
  ERR_DATABASE_CHECK: text("数据违反检查约束", "The data breaks a check constraint"),
  ERR_DATABASE_CLOSED: text("数据库已关闭", "The database has been closed"),
  ERR_DATABASE_CONFLICT: text("并发事务冲突", "Concurrent transactions were in conflict"),
  ERR_DATABASE_DATA: text(
    "数据的格式或范围不被数据库接受",
    "The database does not accept the form or range of a value",
  ),
  ERR_DATABASE_DENIED: text("数据库拒绝该账号登录或操作", "The database refused this account"),
  ERR_DATABASE_DISK_FULL: text("数据库磁盘空间不足", "The disk of the database is full"),
  ERR_DATABASE_EXCLUSION: text("数据与已有记录的期间或范围重叠", "The data overlaps a record that exists"),
  ERR_DATABASE_FOREIGN_KEY: text("所引用的记录不存在或仍被引用", "A referenced record is missing or still in use"),
  ERR_DATABASE_NOT_NULL: text("必填数据缺失", "A required value is missing"),
  ERR_DATABASE_OUTCOME_UNKNOWN: text(
    "提交时连接中断，结果未知",
    "The connection broke during a commit; its outcome is unknown",
  ),
  ERR_DATABASE_STATEMENT: text("数据库语句执行失败", "A database statement failed"),
  ERR_DATABASE_TIMEOUT: text("数据库操作超时", "A database operation took too long"),
  ERR_DATABASE_TOO_OLD: text("数据库版本过低，需要 PostgreSQL 18 或更高版本", "PostgreSQL 18 or newer is needed"),
  ERR_DATABASE_UNIQUE: text("记录已存在", "The record exists already"),
  ERR_DATABASE_UNREACHABLE: text("无法连接数据库", "The database cannot be reached"),
  ERR_DATABASE_UNSAFE_INTEGER: text("整数超出可精确表示的范围", "An integer is too large to be represented exactly"),
  ERR_MIGRATION_CHANGED: text("已执行的迁移文件被改动", "A migration that was applied has since been changed"),
  ERR_MIGRATION_FAILED: text("迁移执行失败", "A migration failed"),
  ERR_MIGRATION_FILES: text(
    "迁移文件的编号有缺口、重复或命名错误",
    "Migration files have gaps, duplicates or wrong names",
  ),
});
