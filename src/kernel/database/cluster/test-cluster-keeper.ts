import { appendFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { clusterAccount } from "./account.ts";
import { findBinaries } from "./binaries.ts";
import { initialiseCluster, startCluster } from "./cluster.ts";
import { TEST_CLUSTER_FOLDER, TEST_CLUSTER_URL_FILE, withTestClusterLock } from "./test-cluster.ts";

/** Starts the tests' PostgreSQL and stops it when nobody has been connected for a while. */

const UNUSED_CHECKS = 45;
const CHECK_INTERVAL_MS = 2_000;
const PASSWORD = "only-for-tests";

const SETTINGS = {
  max_connections: "300",
  shared_buffers: "256MB",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "4GB",
  checkpoint_timeout: "1h",
  autovacuum_naptime: "1min",
  max_locks_per_transaction: "256",
};

async function keep(): Promise<void> {
  const account = await clusterAccount();
  const folder = join(TEST_CLUSTER_FOLDER, `cluster-${process.pid}`);
  const place = { account, folder, binaries: await findBinaries(account, TEST_CLUSTER_FOLDER) };
  await initialiseCluster(place, PASSWORD, { disposable: true });
  const cluster = await startCluster(place, { disposable: true, settings: SETTINGS });
  process.once("SIGTERM", () => void cluster.stop());
  process.once("SIGINT", () => void cluster.stop());
  await writeFile(TEST_CLUSTER_URL_FILE, cluster.url());
  await untilUnused(cluster.url());
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Stops being offered before it stops: under the lock, so that nobody takes a lease meanwhile. */
async function untilUnused(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  let lost = false;
  client.on("error", () => {
    lost = true;
  });
  await client.connect();
  const users = async () => {
    const { rows } = await client.query(
      "SELECT count(*)::int AS users FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    );
    return rows[0].users as number;
  };
  let unused = 0;
  while (!lost) {
    await sleep(CHECK_INTERVAL_MS);
    unused = (await users().catch(() => 0)) === 0 ? unused + 1 : 0;
    if (unused < UNUSED_CHECKS) continue;
    const stop = await withTestClusterLock(async () => {
      if (!lost && (await users()) > 0) return false;
      await rm(TEST_CLUSTER_URL_FILE, { force: true });
      return true;
    });
    if (stop) break;
    unused = 0;
  }
  await client.end().catch(() => undefined);
}

try {
  await keep();
} catch (error) {
  appendFileSync(join(TEST_CLUSTER_FOLDER, "keeper.log"), `${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
}
