import { events } from "#infrastructure/events";
import { frontOf } from "#kernel/http/pages";
import type { Kernel } from "#kernel/system/kernel";
import { PAYLOAD_LABEL } from "../log.ts";
import type { EventEdge } from "./endpoints.ts";

/** Recognizes systems by the tokens that they were admitted with, and lets them in as what they are: not ours. */
export function eventEdgeOf(kernel: Kernel): EventEdge {
  return {
    async isMember({ room, member, token }) {
      const rows = await kernel.database.query(
        `SELECT 1 FROM events.participant p JOIN events.room r ON r.id = p.room
         WHERE p.token_digest = ANY ($1::bytea[]) AND p.member = $2 AND r.code = $3 AND p.dismissed_at IS NULL`,
        [kernel.vault.blinds(PAYLOAD_LABEL, token).map((each) => Buffer.from(each)), member, room],
      );
      return rows.length > 0;
    },
    front: (client, idempotencyKey) =>
      frontOf(kernel, events, () => ({
        id: kernel.newId(),
        principal: { kind: "node", room: events.id },
        origin: { node: kernel.elsewhere?.routes.self ?? HERE, client },
        purpose: "administration",
        legalBasis: [],
        zone: kernel.zone,
        language: "zh",
        at: kernel.now(),
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      })),
  };
}

/** Of a node that belongs to no directory. */
const HERE = "here";
