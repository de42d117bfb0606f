/** GB/T 17710-2008 (ISO 7064) hybrid system MOD 11,10: the check digit, `0`–`9`, of decimal digits. */
export function mod11x10CheckDigit(digits: string): string {
  let product = 10;
  for (const digit of digits) {
    const sum = (product + Number(digit)) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return String((11 - product) % 10);
}

/** Whether the last digit is the check digit of those before it. */
export function mod11x10Holds(digitsWithCheck: string): boolean {
  return (
    /^\d{2,}$/.test(digitsWithCheck) && mod11x10CheckDigit(digitsWithCheck.slice(0, -1)) === digitsWithCheck.at(-1)
  );
}
