import chineseDays from "chinese-days";

const { getHolidaysInRange, getSolarDateFromLunar, getSolarTermDate, isWorkday } = chineseDays;

/** One year's working days. */
export interface WorkingYear {
  /** By day of the year, from 0. */
  readonly working: readonly boolean[];
  /** The State Council's notice for this year is not known: make-up days and bridges are missing. */
  readonly provisional: boolean;
}

/** Tells working days; an operator may put a year's notice in before the next release has it. */
export interface WorkingCalendar {
  year(year: number): WorkingYear;
}

/** A year's notice (国务院办公厅关于…年部分节假日安排的通知), ISO days. */
export interface HolidayNotice {
  readonly year: number;
  readonly holidays: readonly string[];
  /** Weekend days on which people work (调休上班). */
  readonly makeUpDays: readonly string[];
}

/** The years that we answer for. */
export const CALENDAR_YEAR_MIN = 1950;
export const CALENDAR_YEAR_MAX = 2099;

/** A calendar of the published notices, with further ones in front. */
export function workingCalendar(notices: readonly HolidayNotice[] = []): WorkingCalendar {
  const own = new Map(notices.map((notice) => [notice.year, notice]));
  const years = new Map<number, WorkingYear>();
  return {
    year(year) {
      let known = years.get(year);
      if (known === undefined) {
        if (!Number.isInteger(year) || year < CALENDAR_YEAR_MIN || year > CALENDAR_YEAR_MAX) {
          throw new RangeError(`year ${year} is outside ${CALENDAR_YEAR_MIN}–${CALENDAR_YEAR_MAX}`);
        }
        const notice = own.get(year);
        known = notice === undefined ? publishedYear(year) : noticedYear(notice);
        years.set(year, known);
      }
      return known;
    },
  };
}

/** The calendar of the published notices. */
export const PUBLISHED_CALENDAR: WorkingCalendar = workingCalendar();

export function isWorkingDay(day: Temporal.PlainDate, calendar: WorkingCalendar = PUBLISHED_CALENDAR): boolean {
  return calendar.year(day.year).working[day.dayOfYear - 1] === true;
}

export function isProvisional(day: Temporal.PlainDate, calendar: WorkingCalendar = PUBLISHED_CALENDAR): boolean {
  return calendar.year(day.year).provisional;
}

/** The day itself where it is a working day, else the next one that is. */
export function workingDayFrom(
  day: Temporal.PlainDate,
  calendar: WorkingCalendar = PUBLISHED_CALENDAR,
): Temporal.PlainDate {
  let at = day;
  while (!isWorkingDay(at, calendar)) at = at.add({ days: 1 });
  return at;
}

function publishedYear(year: number): WorkingYear {
  const published = getHolidaysInRange(`${year}-01-01`, `${year}-12-31`, false).length > 0;
  if (published) return { working: daysOf(year).map((day) => isWorkday(day.toString())), provisional: false };
  const holidays = fixedHolidays(year);
  return {
    working: daysOf(year).map((day) => day.dayOfWeek <= 5 && !holidays.has(day.toString())),
    provisional: true,
  };
}

function noticedYear(notice: HolidayNotice): WorkingYear {
  const holidays = new Set(notice.holidays);
  const makeUpDays = new Set(notice.makeUpDays);
  return {
    working: daysOf(notice.year).map((day) => {
      const iso = day.toString();
      return makeUpDays.has(iso) || (day.dayOfWeek <= 5 && !holidays.has(iso));
    }),
    provisional: false,
  };
}

// 全国年节及纪念日放假办法 (2024-11-08, State Council decree 795) §2: thirteen days.
function fixedHolidays(year: number): ReadonlySet<string> {
  const newYear = Temporal.PlainDate.from(getSolarDateFromLunar(`${year}-01-01`).date);
  return new Set([
    `${year}-01-01`,
    ...[-1, 0, 1, 2].map((days) => newYear.add({ days }).toString()),
    getSolarTermDate(year, 4, "pure_brightness"),
    `${year}-05-01`,
    `${year}-05-02`,
    getSolarDateFromLunar(`${year}-05-05`).date,
    getSolarDateFromLunar(`${year}-08-15`).date,
    `${year}-10-01`,
    `${year}-10-02`,
    `${year}-10-03`,
  ]);
}

function daysOf(year: number): Temporal.PlainDate[] {
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 });
  return Array.from({ length: first.daysInYear }, (_, days) => first.add({ days }));
}
