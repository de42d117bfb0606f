import { Decimal as DecimalBase } from "decimal.js";

/** Exact decimals: 34 significant digits as in IEEE 754 decimal128, half even, never a binary float in between. */
export const Decimal = DecimalBase.clone({
  precision: 34,
  rounding: DecimalBase.ROUND_HALF_EVEN,
  toExpNeg: -40,
  toExpPos: 40,
});
export type Decimal = DecimalBase;

/** Longer input is refused before it is read. */
export const DECIMAL_INPUT_LENGTH_MAX = 80;
const STRICT = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** Reads plain notation (`-12.50`): no sign +, no exponent, no leading zero, no grouping. Undefined where it is not that. */
export function parseDecimal(input: string): Decimal | undefined {
  if (input.length > DECIMAL_INPUT_LENGTH_MAX || !STRICT.test(input)) return undefined;
  return new Decimal(input);
}

/** Plain notation, without exponent and without trailing zeros. */
export function formatDecimal(value: Decimal): string {
  return value.isZero() ? "0" : value.toFixed();
}
