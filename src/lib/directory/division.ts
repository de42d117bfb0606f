/**
 * Divisions as the directory writes them: six digits of GB/T 2260, `000000` for the whole country, `990000` a province,
 * `990100` a city, `990101` a county. A pair of zeros at the end stands for everything below.
 */
export const WHOLE_COUNTRY = "000000";

const WRITTEN = /^\d{2}(?:\d{2}(?:\d{2}(?:\d{3})?)?)?$/;
const PAIRS_OF_ZEROS = /(?:00){1,3}$/;

/**
 * The six digits of a division that is written in 2, 4, 6 or 9, as registers write it. A town (9) is its county's.
 * @returns undefined for anything else
 */
export function sixDigits(written: string): string | undefined {
  return WRITTEN.test(written) ? written.slice(0, 6).padEnd(6, "0") : undefined;
}

/** Whether a division is another one or lies in it. Both in six digits. */
export function isWithin(division: string, other: string): boolean {
  return division.startsWith(other.replace(PAIRS_OF_ZEROS, ""));
}

/** The division itself and those around it, the closest first, the whole country last. */
export function divisionsAround(division: string): readonly string[] {
  const around: string[] = [division];
  for (const digits of [4, 2, 0]) {
    const wider = division.slice(0, digits).padEnd(6, "0");
    if (wider !== around.at(-1)) around.push(wider);
  }
  return around;
}
