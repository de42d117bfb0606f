/** The part of `qrcode` (1.5) that we use; the package ships no types. */
declare module "qrcode" {
  export function create(
    content: string,
    options: { readonly errorCorrectionLevel: "L" | "M" | "Q" | "H" },
  ): { readonly modules: { readonly size: number; get(row: number, column: number): number } };
}
