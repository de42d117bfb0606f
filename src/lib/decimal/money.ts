import { Decimal } from "./decimal.ts";

/** An amount in yuan as it travels in JSON and stands in `numeric(18,2)`: `"12.50"`, always two decimals. */
export type Money = string & { readonly money: unique symbol };

/** Sixteen digits before the point. */
export const MONEY_MAX = new Decimal("9999999999999999.99");
const STRICT = /^-?(0|[1-9]\d{0,15})(\.\d{1,2})?$/;

/** Reads an amount with at most two decimals; undefined where it is none. */
export function parseMoney(input: string): Money | undefined {
  return STRICT.test(input) ? write(new Decimal(input)) : undefined;
}

/** As `parseMoney`, for amounts in code. @throws RangeError where the text is no amount */
export function money(input: string): Money {
  const parsed = parseMoney(input);
  if (parsed === undefined) throw new RangeError(`not an amount of money: ${input.slice(0, 40)}`);
  return parsed;
}

export function addMoney(...amounts: readonly Money[]): Money {
  return write(amounts.reduce((sum, amount) => sum.plus(amount), new Decimal(0)));
}

export function subtractMoney(from: Money, amount: Money): Money {
  return write(new Decimal(from).minus(amount));
}

/** Times an exact factor (`"0.13"`), rounded half up to the fen, as amounts are rounded in public accounts. */
export function multiplyMoney(amount: Money, factor: string): Money {
  return write(new Decimal(amount).times(factor).toDecimalPlaces(2, Decimal.ROUND_HALF_UP));
}

export function compareMoney(left: Money, right: Money): number {
  return new Decimal(left).comparedTo(right);
}

/** `¥1,234.50`; a minus stands before the sign. */
export function formatMoney(amount: Money): string {
  const [whole = "0", fraction = "00"] = amount.replace("-", "").split(".");
  return `${amount.startsWith("-") ? "-" : ""}¥${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${fraction}`;
}

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["", "拾", "佰", "仟"];
const GROUPS = ["", "万", "亿", "万亿"];

/** The amount in capitals as it stands on receipts (正确填写票据和结算凭证的基本规定): 壹仟贰佰叁拾肆元伍角整. */
export function moneyInCapitals(amount: Money): string {
  const [whole = "0", fraction = "00"] = amount.replace("-", "").split(".");
  const yuan = whole === "0" ? "" : `${wholeInCapitals(whole)}元`;
  const jiao = Number(fraction[0]);
  const fen = Number(fraction[1]);
  let rest = jiao === 0 ? "" : `${DIGITS[jiao]}角`;
  if (fen !== 0) rest += `${jiao === 0 && yuan !== "" ? "零" : ""}${DIGITS[fen]}分`;
  const text = yuan === "" && rest === "" ? "零元" : yuan + rest;
  return `${amount.startsWith("-") ? "负" : ""}${text}${fen === 0 ? "整" : ""}`;
}

function wholeInCapitals(whole: string): string {
  const groups: string[] = [];
  for (let end = whole.length; end > 0; end -= 4) groups.unshift(whole.slice(Math.max(0, end - 4), end));
  let out = "";
  let gap = false;
  groups.forEach((group, at) => {
    const place = groups.length - 1 - at;
    if (Number(group) === 0) {
      gap ||= out !== "";
      return;
    }
    if (out !== "" && (gap || group.startsWith("0") || groups[at - 1]?.endsWith("0"))) out += "零";
    gap = false;
    out += groupInCapitals(group) + (place === 3 && Number(groups[at + 1]) !== 0 ? "万" : GROUPS[place]);
  });
  return out;
}

function groupInCapitals(group: string): string {
  let out = "";
  let gap = false;
  const digits = String(Number(group));
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[at]);
    if (digit === 0) {
      gap = true;
      continue;
    }
    if (gap && out !== "") out += "零";
    gap = false;
    out += `${DIGITS[digit]}${PLACES[digits.length - 1 - at]}`;
  }
  return out;
}

function write(value: Decimal): Money {
  if (value.abs().greaterThan(MONEY_MAX)) throw new RangeError("an amount of money is too large");
  return (value.isZero() ? "0.00" : value.toFixed(2)) as Money;
}
