import { type Text, text } from "#lib/language/text";

/** Nobody is known to have lived longer; an older date is a slip of the pen. */
export const AGE_YEARS_MAX = 130;

export type BirthDateFault = "birth-date-impossible" | "birth-date-future" | "birth-date-implausible";

/** Reads eight digits as a day of birth, and judges it against today in Asia/Shanghai. */
export function readBirthDate(
  digits: string,
  today: Temporal.PlainDate,
): { readonly date: Temporal.PlainDate } | { readonly fault: BirthDateFault; readonly error: Text } {
  const year = Number(digits.slice(0, 4));
  const month = Number(digits.slice(4, 6));
  const day = Number(digits.slice(6, 8));
  let date: Temporal.PlainDate;
  try {
    date = Temporal.PlainDate.from({ year, month, day }, { overflow: "reject" });
  } catch {
    return {
      fault: "birth-date-impossible",
      error: text(
        "号码中的出生日期不存在，请核对第7至14位。",
        "The birth date in the number does not exist; check digits 7 to 14.",
      ),
    };
  }
  if (Temporal.PlainDate.compare(date, today) > 0) {
    return {
      fault: "birth-date-future",
      error: text("号码中的出生日期晚于今天，请核对。", "The birth date in the number is in the future; check it."),
    };
  }
  if (Temporal.PlainDate.compare(date.add({ years: AGE_YEARS_MAX }), today) < 0) {
    return {
      fault: "birth-date-implausible",
      error: text("号码中的出生日期过早，请核对。", "The birth date in the number is too long ago; check it."),
    };
  }
  return { date };
}
