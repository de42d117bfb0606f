/** Arithmetic of GF(2⁸) modulo x⁸ + x⁴ + x³ + x + 1 (FIPS 197 §4.2), without tables or branches that depend on the numbers. */

/** The product of two elements, 0 to 255. */
export function multiply(one: number, other: number): number {
  let product = 0;
  let factor = one;
  for (let bit = 0; bit < 8; bit++) {
    product ^= factor & -((other >> bit) & 1);
    factor = ((factor << 1) ^ (0x11b & -((factor >> 7) & 1))) & 0xff;
  }
  return product;
}

/** The inverse of an element that is not zero: its 254th power. */
export function invert(element: number): number {
  if (element === 0) throw new RangeError("zero has no inverse");
  let power = element;
  let inverse = 1;
  // 254 is 2 + 4 + … + 128.
  for (let bit = 1; bit < 8; bit++) {
    power = multiply(power, power);
    inverse = multiply(inverse, power);
  }
  return inverse;
}
