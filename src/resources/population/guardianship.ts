/** 民法典 §17: whoever is 18 is an adult. */
export const ADULT_YEARS = 18;
/** Guardians of one minor, and wards of one guardian; a home's staff is no person's guardian. */
export const GUARDIANSHIPS_MAX = 50;

/** The day on which somebody is 18: one born on 29 February on 1 March, since no article says. */
export function adultOn(birthDate: string): string {
  const born = Temporal.PlainDate.from(birthDate);
  const day = born.add({ years: ADULT_YEARS });
  return (day.day === born.day ? day : day.add({ days: 1 })).toString();
}

/** Whether somebody is a minor on a day, ISO 8601. */
export function isMinor(birthDate: string, day: string): boolean {
  return day < adultOn(birthDate);
}
