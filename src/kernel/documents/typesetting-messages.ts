/** What the main process and a typesetting process say to each other. */
import type { SealablePdf } from "./pdf-placeholder.ts";

export type TypesettingJob =
  | {
      readonly id: number;
      readonly kind: "open";
      readonly fonts: readonly string[];
      readonly sources: Readonly<Record<string, string>>;
    }
  | { readonly id: number; readonly kind: "typeset"; readonly main: string; readonly data: string }
  | {
      readonly id: number;
      readonly kind: "room";
      readonly pdf: Uint8Array;
      readonly note: { readonly reason: string; readonly name: string; readonly atMs: number };
    };

export type TypesettingAnswer =
  | { readonly id: number; readonly kind: "opened" }
  | { readonly id: number; readonly kind: "typeset"; readonly pdf: Uint8Array; readonly pages: number }
  | { readonly id: number; readonly kind: "room"; readonly room: SealablePdf }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };
