import type { SealedColumn } from "#kernel/resealing/parts";
import { SEALED_FOR } from "./ferry-keys.ts";

/** What this room seals in tables of its own: the keys by which others send to this node. */
export const networkColumns: readonly SealedColumn[] = [
  { table: "network.ferry_key", column: "sealed", label: "room network", place: `'${SEALED_FOR}'` },
];
