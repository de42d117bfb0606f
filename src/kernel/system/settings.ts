import type { Sql } from "../database/sql.ts";

/** Reads a fact about this node; undefined where it was never set. */
export async function readSetting<Value>(sql: Sql, name: string): Promise<Value | undefined> {
  const [row] = await sql.query<{ value: Value }>("SELECT value FROM act.setting WHERE name = $1", [name]);
  return row?.value;
}

/** Sets a fact about this node. */
export async function writeSetting(sql: Sql, name: string, value: unknown, at: string): Promise<void> {
  await sql.query(
    `INSERT INTO act.setting (name, value, at) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at`,
    [name, JSON.stringify(value), at],
  );
}

/** Sets a fact that is decided once: of two that decide at once, both get what the first one wrote. */
export async function settleSetting<Value>(sql: Sql, name: string, value: Value, at: string): Promise<Value> {
  await sql.query("INSERT INTO act.setting (name, value, at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING", [
    name,
    JSON.stringify(value),
    at,
  ]);
  return (await readSetting<Value>(sql, name)) ?? value;
}
