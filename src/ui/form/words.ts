import { text } from "#lib/language/text";

/** What forms say by themselves. Names in braces are replaced. */
export const WORDS = {
  optional: text("（选填）", " (optional)"),
  yes: text("是", "Yes"),
  no: text("否", "No"),
  choose: text("请选择", "Choose"),
  yuan: text("元", "yuan"),
  year: text("年", "Year"),
  month: text("月", "Month"),
  day: text("日", "Day"),
  submit: text("继续", "Continue"),
  problem: text("有 1 处需要更正", "There is a problem"),
  problems: text("有 {count} 处需要更正", "There are {count} problems"),
} as const;

/** What is wrong with a field, and what to do. `{title}` is the field's own. */
export const PROBLEMS = {
  missing: text("请填写{title}", "Enter this: {title}"),
  unchosen: text("请选择{title}", "Choose this: {title}"),
  noFile: text("请上传{title}", "Upload this: {title}"),
  tooLong: text(
    "{title}最多 {limit} 个字，现在是 {length} 个",
    "{title} must be {limit} characters or fewer; it has {length}",
  ),
  tooMany: text("{title}选择过多", "Too many are chosen: {title}"),
  unknownChoice: text("请从列出的选项中选择{title}", "Choose from the list: {title}"),
  notNumber: text("{title}必须是数字，例如 46 或 46.5", "{title} must be a number, such as 46 or 46.5"),
  notMoney: text(
    "{title}必须是金额，最多两位小数，例如 128.50",
    "{title} must be an amount with at most two decimals, such as 128.50",
  ),
  dateMissing: text("{title}缺少{parts}", "{title} must have: {parts}"),
  notDate: text("{title}必须是真实存在的日子", "{title} must be a real day"),
  notMobile: text("{title}应为 11 位数字，以 1 开头", "{title} must have 11 digits and begin with 1"),
  notIdentity: text("{title}应为 18 位，最后一位可以是 X", "{title} must have 18 characters; the last may be X"),
  wrong: text("请检查{title}", "Check this: {title}"),
  tooSmall: text("{title}太小或太短", "{title} is too small or too short"),
  tooBig: text("{title}太大或太长", "{title} is too large or too long"),
} as const;
