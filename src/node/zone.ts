import type { Sql } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import type { Zone } from "#kernel/system/act";
import { readSetting, settleSetting } from "#kernel/system/settings";
import "./faults.ts";
import { ZONE_SETTING } from "./settings.ts";

export const ZONES: readonly Zone[] = ["internet", "extranet", "intranet"];
const DEFAULT_ZONE: Zone = "extranet";

/**
 * The zone of this node, settled by its first start: what lies in its database was let in under the rules of that zone.
 * @throws {Fault} ERR_ZONE_FIXED where the operator wants another one by now
 */
export async function settleZone(
  sql: Sql,
  { wanted, isOlder, at }: { readonly wanted: Zone | undefined; readonly isOlder: boolean; readonly at: string },
): Promise<Zone> {
  const settled = await settleSetting<Zone>(sql, ZONE_SETTING, isOlder ? DEFAULT_ZONE : (wanted ?? DEFAULT_ZONE), at);
  if (wanted !== undefined && wanted !== settled) {
    throw new Fault("ERR_ZONE_FIXED", { message: `${settled}; ZHENGTONG_ZONE: ${wanted}` });
  }
  return settled;
}

/** What was settled, or what it would be. */
export async function zoneOf(sql: Sql): Promise<Zone> {
  return (await readSetting<Zone>(sql, ZONE_SETTING)) ?? DEFAULT_ZONE;
}
