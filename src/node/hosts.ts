import type { Sql } from "#kernel/database/sql";
import type { Kernel } from "#kernel/system/kernel";
import { readSetting, writeSetting } from "#kernel/system/settings";
import { HOSTS_SETTING } from "./settings.ts";

/** Which authority keeps which room: keys of authorities by room; `*` for the rest. */
export async function hostsOf(sql: Sql): Promise<Readonly<Record<string, string>>> {
  return (await readSetting<Record<string, string>>(sql, HOSTS_SETTING)) ?? {};
}

/** Gives a room to an authority; the change and its entry in the ledger commit together. */
export async function hostRoom(
  kernel: Kernel,
  change: { readonly room: string; readonly authority: string },
): Promise<void> {
  const { room, authority } = change;
  const at = kernel.now();
  await kernel.database.transaction(
    async (tx) => {
      await writeSetting(tx, HOSTS_SETTING, { ...(await hostsOf(tx)), [room]: authority }, at);
      await kernel.ledger.append(tx, [
        {
          type: "administration",
          at,
          actId: kernel.newId(),
          room: room === "*" ? "node" : room,
          operation: "host",
          actor: { kind: "node", id: "command line" },
          purpose: "administration",
          legalBasis: [],
          subjects: [],
          outcome: "done",
          detail: { room, authority },
        },
      ]);
    },
    { retries: 0 },
  );
}
