import type { Turn } from "./turns.ts";

/** What both sides know of who asks. */
export interface Asking {
  /** A foreign system. */
  readonly client?: string | undefined;
  /** The room that asks. */
  readonly via?: string | undefined;
  readonly who: { readonly kind: string; readonly id?: string; readonly room?: string };
}

/**
 * Who has turns by himself: a foreign system, a room, or all who ask without one; within these, whoever acts. So a room that asks for a
 * thousand persons has no more turns than one that asks for one.
 */
export function turnOf({ client, via, who }: Asking): Turn {
  const asker = client !== undefined ? `system ${client}` : `room ${via ?? who.room ?? ""}`;
  return [asker, `${who.kind} ${who.id ?? ""}`];
}

/** Bytes for which a message has one turn; a longer one is paid for with later turns. */
const TURN_BYTES = 16 * 1024;

export function costOf(line: Uint8Array): number {
  return Math.ceil(line.length / TURN_BYTES);
}
