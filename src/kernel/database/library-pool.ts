import pg from "pg";

/** Connections that a library may hold while it migrates its own tables. */
const LIBRARY_POOL_CONNECTIONS = 2;

/**
 * Lends a library a pool of its own. When this returns every connection has ended: a database that is stopped next cuts none off, whose
 * error would end the process.
 */
export async function withLibraryPool<T>(url: string, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = new pg.Pool({ connectionString: url, max: LIBRARY_POOL_CONNECTIONS });
  // What a lost connection breaks is told by the statement that needed it.
  const told = () => undefined;
  pool.on("error", told);
  pool.on("connect", (client) => void client.on("error", told));
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
