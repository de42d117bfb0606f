import { spawn } from "node:child_process";
import { chmod, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

/**
 * The PostgreSQL that all tests of one account share. Whoever needs it first starts its keeper, a process of its own
 * (`test-cluster-keeper.ts`), which starts the server and stops it when it has been unused for a while. Its durability is off.
 */

export const TEST_CLUSTER_FOLDER = join(tmpdir(), `zhengtong-test-${process.getuid?.() ?? "user"}`);
const URL_FILE = join(TEST_CLUSTER_FOLDER, "url");
const LOCK_FILE = join(TEST_CLUSTER_FOLDER, "lock");
const START_TIMEOUT_MS = 60_000;
const LOCK_TIMEOUT_MS = 90_000;
const POLL_INTERVAL_MS = 25;

/** Told to the keeper, which writes it when the server is ready. */
export const TEST_CLUSTER_URL_FILE = URL_FILE;

/** A connection to the test cluster. While it is open the cluster stays, but it keeps no process alive. */
export class TestClusterLease {
  readonly url: string;
  readonly #client: pg.Client & { ref(): void; unref(): void };
  #running = 0;

  private constructor(url: string, client: pg.Client) {
    this.url = url;
    this.#client = client as pg.Client & { ref(): void; unref(): void };
  }

  static async connect(url: string): Promise<TestClusterLease> {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, application_name: "test" });
    client.on("error", () => undefined);
    await client.connect();
    const lease = new TestClusterLease(url, client);
    lease.#client.unref();
    return lease;
  }

  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    this.#running += 1;
    this.#client.ref();
    try {
      return (await this.#client.query<Row>(text, [...values])).rows;
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#client.unref();
    }
  }
}

/** A lease of the running test cluster, which is started when there is none. */
export async function leaseTestCluster(): Promise<TestClusterLease> {
  const given = process.env["ZHENGTONG_TEST_DATABASE_URL"];
  if (given !== undefined) return await TestClusterLease.connect(given);
  await mkdir(TEST_CLUSTER_FOLDER, { recursive: true });
  // Root's cluster runs under another account, which must be able to pass.
  await chmod(TEST_CLUSTER_FOLDER, 0o755);
  return await withTestClusterLock(async () => {
    const running = await connectToRunning();
    if (running !== undefined) return running;
    startKeeper();
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (performance.now() < deadline) {
      const started = await connectToRunning();
      if (started !== undefined) return started;
      await sleep(POLL_INTERVAL_MS);
    }
    const log = await readFile(join(TEST_CLUSTER_FOLDER, "keeper.log"), "utf8").catch(() => "");
    throw new Error(`the test cluster did not start:\n${log}`);
  });
}

async function connectToRunning(): Promise<TestClusterLease | undefined> {
  const url = await readFile(URL_FILE, "utf8").catch(() => undefined);
  if (url === undefined || url === "") return undefined;
  try {
    return await TestClusterLease.connect(url);
  } catch {
    return undefined;
  }
}

function startKeeper(): void {
  const keeper = join(import.meta.dirname, "test-cluster-keeper.ts");
  const child = spawn(process.execPath, [keeper], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, NODE_OPTIONS: "", NODE_TEST_CONTEXT: "" },
  });
  child.unref();
}

/** One process at a time starts or stops the cluster. A lock whose owner died is taken over. */
export async function withTestClusterLock<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + LOCK_TIMEOUT_MS;
  while (!(await takeLock())) {
    if (performance.now() > deadline) throw new Error(`the lock ${LOCK_FILE} stays taken`);
    await sleep(POLL_INTERVAL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(LOCK_FILE, { force: true });
  }
}

async function takeLock(): Promise<boolean> {
  try {
    const file = await open(LOCK_FILE, "wx");
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch {
    const owner = Number(await readFile(LOCK_FILE, "utf8").catch(() => ""));
    const ageMs = Date.now() - ((await stat(LOCK_FILE).catch(() => undefined))?.mtimeMs ?? Date.now());
    if ((owner > 0 && !isAlive(owner)) || ageMs > LOCK_TIMEOUT_MS) await rm(LOCK_FILE, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
