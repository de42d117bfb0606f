import type { SealedColumn } from "#kernel/resealing/parts";
import { eventColumns } from "../infrastructure/events/sealed-columns.ts";
import { identityColumns } from "../infrastructure/identity/sealed-columns.ts";
import { networkColumns } from "../infrastructure/network/sealed-columns.ts";

/** What rooms seal in tables of their own, as far as it stands before the node runs. */
export const ROOM_COLUMNS: readonly SealedColumn[] = [...identityColumns, ...eventColumns, ...networkColumns];
