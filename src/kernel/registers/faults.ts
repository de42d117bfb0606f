import { text } from "#lib/language/text";
import { defineFaults, Fault, type FaultCode } from "../errors/fault.ts";

export const REGISTER_FAULTS = defineFaults({
  ERR_REGISTER_CHANGED: text(
    "登记簿的声明与数据库中的结构不相容",
    "A register's declaration does not fit what the database holds",
  ),
  ERR_REGISTER_CONFLICT: text("登记项已被他人同时更改", "Another writer changed the entry in the meantime"),
  ERR_REGISTER_DAMAGED: text("登记项已在系统之外被改动", "An entry was changed behind the register's back"),
  ERR_REGISTER_IMPORT: text("导入的数据有误，未导入任何内容", "The data to import has faults; nothing was imported"),
  ERR_REGISTER_LOOKUP: text("不能按此属性查找", "Entries cannot be looked up by this attribute"),
  ERR_REGISTER_NO_VERSION: text("该时点没有可更正或终止的登记项", "There is no version to correct or end at that time"),
  ERR_REGISTER_NOT_UNIQUE: text("已有登记项使用相同的唯一值", "Another entry has the same unique value"),
  ERR_REGISTER_THREAD: text("导入所用的线程意外终止", "A thread of an import ended unexpectedly"),
  ERR_REGISTER_TIME: text("时间格式有误或期间为空", "A time is malformed or a period is empty"),
  ERR_REGISTER_VALUE: text("登记内容不符合声明", "A value does not fit the register's declaration"),
});

/** A fault of one register. Its message names the register and the attribute, never a value. */
export class RegisterFault extends Fault {
  /** `population.person`. */
  readonly register: string;
  readonly attribute: string | undefined;

  constructor(
    code: FaultCode,
    details: {
      readonly register: string;
      readonly attribute?: string;
      readonly message?: string;
      readonly cause?: unknown;
    },
  ) {
    const place = details.attribute === undefined ? details.register : `${details.register}.${details.attribute}`;
    super(code, {
      message: details.message === undefined ? place : `${place}: ${details.message}`,
      ...(details.cause === undefined ? {} : { cause: details.cause }),
    });
    this.name = "RegisterFault";
    this.register = details.register;
    this.attribute = details.attribute;
  }
}
