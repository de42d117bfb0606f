import type { Sql } from "#kernel/database/sql";
import type { Act } from "#kernel/system/act";
import { type DataKeyRow, type KeyAct, moveDataKey } from "./data-key-rows.ts";
import { keyPorts } from "./key-ports.ts";
import type { KeyState } from "./life-cycle.ts";

/** Who acts, when and why. */
export function keyActOf({ act, now }: { readonly act: Act; readonly now: string }, reason: string): KeyAct {
  const { principal } = act;
  const by =
    principal.kind === "official"
      ? { kind: "official", id: principal.id }
      : { kind: principal.kind, id: principal.kind === "node" ? principal.room : "" };
  return { at: now, by, reason };
}

/** Brings a key into another state; the ledger has it with the act. */
export async function move(sql: Sql, key: Pick<DataKeyRow, "id" | "kind">, to: KeyState, act: KeyAct): Promise<void> {
  await moveDataKey(sql, key, to, act);
  const { at, reason } = act;
  await keyPorts().record(sql, { what: `data-key-${to}`, holder: { kind: "node", id: key.id }, at, reason });
}
