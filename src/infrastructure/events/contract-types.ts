import type { Kernel } from "#kernel/system/kernel";

/** Where the events of a contract are found: its id is the application. */
export function contractRoomCode(contract: string): string {
  return `zhengtong/ROOM/here/${contract}`;
}

export interface DeclaredEvent {
  readonly contract: string;
  readonly title: string;
  readonly name: string;
  readonly schema: object;
  readonly orderBy: string | undefined;
}

/** Events of a contract can be replayed for so long. */
const CONTRACT_RETENTION_DAYS = 365;

/** Opens a room for each contract that declares events, and defines them; what is there already takes the newest schema. */
export async function ensureContractTypes(
  kernel: Pick<Kernel, "database" | "newId" | "now">,
  declared: readonly DeclaredEvent[],
): Promise<void> {
  if (declared.length === 0) return;
  const now = kernel.now();
  await kernel.database.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('zhengtong events types', 0))");
    for (const { contract, title, name, schema, orderBy } of declared) {
      await tx.query(
        `INSERT INTO events.room (id, code, title, contract, retention_days, opened_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING`,
        [kernel.newId(), contractRoomCode(contract), title, contract, CONTRACT_RETENTION_DAYS, now],
      );
      await tx.query(
        `INSERT INTO events.type AS t (id, room, name, schema, order_by, priority, defined_at)
         SELECT $1, r.id, $3, $4, $5, 'normal', $6 FROM events.room r WHERE r.contract = $2
         ON CONFLICT (room, name) WHERE removed_at IS NULL DO UPDATE SET schema = excluded.schema, order_by = excluded.order_by`,
        [kernel.newId(), contract, name, JSON.stringify(schema), orderBy ?? null, now],
      );
    }
  });
}
