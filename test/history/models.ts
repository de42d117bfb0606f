import type { Model } from "./linearizable.ts";

/** A register: what was written last is read. */
export type RegisterCall = { readonly what: "write"; readonly value: number } | { readonly what: "read" };
export const registerModel: Model<RegisterCall, number, number> = {
  initial: 0,
  step: (state, call, result) => {
    if (call.what === "write") return call.value;
    return result === undefined || result === state ? state : undefined;
  },
  textOf: String,
};

/** A counter: adding tells the sum. */
export type CounterCall = { readonly what: "add"; readonly by: number } | { readonly what: "read" };
export const counterModel: Model<CounterCall, number, number> = {
  initial: 0,
  step: (state, call, result) => {
    const next = call.what === "add" ? state + call.by : state;
    return result === undefined || result === next ? next : undefined;
  },
  textOf: String,
};

/** A book: what is entered gets the next number; who reads sees all entries in their order. */
export type BookCall = { readonly what: "enter"; readonly value: string } | { readonly what: "read" };
export type BookResult = { readonly number: number } | { readonly values: readonly string[] };
export const bookModel: Model<BookCall, BookResult, readonly string[]> = {
  initial: [],
  step: (state, call, result) => {
    if (call.what === "enter") {
      if (result !== undefined && !("number" in result && result.number === state.length + 1)) return undefined;
      return [...state, call.value];
    }
    if (result === undefined) return state;
    const isSame =
      "values" in result &&
      result.values.length === state.length &&
      result.values.every((value, place) => value === state[place]);
    return isSame ? state : undefined;
  },
  textOf: (state) => state.join("\n"),
};
