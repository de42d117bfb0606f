import type { KeyedDigests } from "#kernel/resealing/index-parts";
import type { SealedColumn } from "#kernel/resealing/parts";
import { eventColumns } from "../infrastructure/events/sealed-columns.ts";
import { identityColumns } from "../infrastructure/identity/sealed-columns.ts";
import { networkColumns } from "../infrastructure/network/sealed-columns.ts";

/** What rooms seal in tables of their own, as far as it stands before the node runs. */
export const ROOM_COLUMNS: readonly SealedColumn[] = [...identityColumns, ...eventColumns, ...networkColumns];

/** Digests of secrets that rooms keep nothing else of, and of subjects of whom they keep no name. */
export const ROOM_DIGESTS: readonly KeyedDigests[] = [
  { table: "identity.recovery_code", madeAt: "made_at", where: "used_at IS NULL" },
  { table: "events.participant", madeAt: "admitted_at", where: "token_digest IS NOT NULL AND dismissed_at IS NULL" },
  { table: "catalogue.use", madeAt: "at", where: "subjects IS NOT NULL" },
];
