import type { Expr, ExprNoExt } from "@cedar-policy/cedar-wasm/nodejs";

export type OperatorName = ExprNoExt extends infer One ? (One extends unknown ? keyof One : never) : never;
export type Argument<Name extends OperatorName> =
  Extract<ExprNoExt, Readonly<Record<Name, unknown>>> extends infer One ? One[Name & keyof One] : never;

/** What an operator of Cedar's JSON format stands before; `undefined` where the expression is of another one. */
export function argumentOf<Name extends OperatorName>(expression: Expr, name: Name): Argument<Name> | undefined {
  return (expression as Readonly<Record<string, unknown>>)[name] as Argument<Name> | undefined;
}
