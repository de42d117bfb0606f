/** ISO 7064 MOD 11-2 (GB 11643-1999 annex A): the check character, `0`–`9` or `X`, of decimal digits. */
export function mod11x2CheckCharacter(digits: string): string {
  // Each step doubles what went before, so that the weight of a digit is 2 to the power of its distance from the end.
  let sum = 0;
  for (const digit of digits) sum = ((sum + Number(digit)) * 2) % 11;
  const check = (12 - sum) % 11;
  return check === 10 ? "X" : String(check);
}
