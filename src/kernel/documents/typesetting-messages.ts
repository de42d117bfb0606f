/** What the main process and a typesetting process say to each other. */

export type TypesettingJob =
  | {
      readonly id: number;
      readonly kind: "open";
      readonly fonts: readonly string[];
      readonly sources: Readonly<Record<string, string>>;
    }
  | { readonly id: number; readonly kind: "typeset"; readonly main: string; readonly data: string };

export type TypesettingAnswer =
  | { readonly id: number; readonly kind: "opened" }
  | { readonly id: number; readonly kind: "typeset"; readonly pdf: Uint8Array; readonly pages: number }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };
