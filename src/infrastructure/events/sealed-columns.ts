import type { SealedColumn } from "#kernel/resealing/parts";
import { PAYLOAD_LABEL } from "./log.ts";

/** What this room seals in tables of its own. */
export const eventColumns: readonly SealedColumn[] = [
  { table: "events.event", column: "payload", label: PAYLOAD_LABEL, place: "t.id::text" },
  { table: "events.participant", column: "push_secret", label: PAYLOAD_LABEL, place: "'push ' || t.member" },
];
