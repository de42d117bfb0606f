import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Account, canEnter, clusterAccount } from "#kernel/database/cluster/account";
import { findBinaries } from "#kernel/database/cluster/binaries";
import {
  type ClusterPlace,
  initialiseCluster,
  isInitialised,
  type RunningCluster,
  runningClusterUrl,
  startCluster,
} from "#kernel/database/cluster/cluster";
import { stopLeftover } from "#kernel/database/cluster/leftover";
import { CLUSTER_SETTINGS } from "#kernel/database/cluster/settings";
import { openDatabase } from "#kernel/database/database";
import { Fault } from "#kernel/errors/fault";
import { randomBytes } from "#kernel/random";
import { type Text, text } from "#lib/language/text";
import "./faults.ts";

/** The PostgreSQL that a node brings along. */
export interface EmbeddedPostgres {
  /** Stays the same when the server is started again. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The node's data folder, held by this process. */
  readonly dataFolder: string;
  readonly report?: (progress: Text) => void;
  /** Told when the server ended by itself and is started again, and each time that this failed; default `report`. */
  readonly onIncident?: (incident: Text) => void;
}

const DATABASE_NAME = "zhengtong";
const PASSWORD_BYTES = 24;
const MADE_FILE = "database";
/** In the cluster's folder: the data folder that it belongs to. */
const OWNER_FILE = "data-folder";
const POINTER_FILE = "postgres.location";
const RESTART_DELAY_MS = 200;
const MAX_RESTART_DELAY_MS = 10_000;

/** Makes the cluster on the first start, starts it, and starts it again when it ends by itself. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { folder, account, initialised } = await clusterLocation(options.dataFolder);
  const place: ClusterPlace = { account, folder, binaries: await findBinaries(account, dirname(folder)) };
  if (!initialised) {
    options.report?.(text("正在建立内置数据库…", "Creating the embedded database…"));
    await initialiseCluster(place, Buffer.from(randomBytes(PASSWORD_BYTES)).toString("base64url"));
    if (account !== undefined) await writePointer(options.dataFolder, folder, true);
  }
  await writeFile(join(folder, OWNER_FILE), `${options.dataFolder}\n`);
  options.report?.(text("正在启动内置数据库…", "Starting the embedded database…"));
  const cluster = await startCluster(place, { settings: CLUSTER_SETTINGS });
  try {
    if (!initialised || !(await isMade(folder))) await ensureDatabase(cluster.url(), folder);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return supervise(cluster, place, options);
}

/** A marker spares later starts the question whether the database exists. */
async function isMade(folder: string): Promise<boolean> {
  return (await stat(join(folder, MADE_FILE)).catch(() => undefined)) !== undefined;
}

async function ensureDatabase(url: string, folder: string): Promise<void> {
  await using database = await openDatabase({ url, poolSize: 1 });
  const found = await database.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE_NAME]);
  if (found.length === 0) await database.execute(`CREATE DATABASE ${DATABASE_NAME}`);
  await writeFile(join(folder, MADE_FILE), `${DATABASE_NAME}\n`);
}

function supervise(first: RunningCluster, place: ClusterPlace, options: EmbeddedPostgresOptions): EmbeddedPostgres {
  const tell = options.onIncident ?? options.report;
  let current = first;
  let stopping = false;
  const startAgain = async () => {
    for (let delayMs = RESTART_DELAY_MS; !stopping; delayMs = Math.min(delayMs * 2, MAX_RESTART_DELAY_MS)) {
      await sleep(delayMs);
      try {
        if (!stopping) current = await startCluster(place, { settings: CLUSTER_SETTINGS, port: first.port });
        return;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        tell?.(text(`内置数据库未能重新启动：${why}`, `The embedded database did not start again: ${why}`));
      }
    }
  };
  const watch = async () => {
    await current.ended;
    while (!stopping) {
      tell?.(text("内置数据库意外停止，正在重新启动", "The embedded database ended by itself and is started again"));
      await startAgain();
      if (stopping) await current.stop(); // told while it was being started
      await current.ended;
    }
  };
  const watching = watch();
  return {
    url: first.url(DATABASE_NAME),
    stop: async () => {
      stopping = true;
      await current.stop();
      await watching;
    },
  };
}

interface ClusterLocation {
  readonly folder: string;
  readonly account: Account | undefined;
  readonly initialised: boolean;
}

/**
 * Where the cluster lies: inside the data folder, or, as root, in a folder that an unprivileged account can reach. The data
 * folder then holds a pointer to it.
 * @throws ERR_DATA_FOLDER when what the pointer names is gone
 */
async function clusterLocation(dataFolder: string): Promise<ClusterLocation> {
  const inside = join(dataFolder, "postgres");
  const account = await clusterAccount();
  const pointed = await readPointer(dataFolder);
  if (pointed !== undefined) return await pointedLocation(dataFolder, pointed, account);
  if (await isInitialised(inside))
    return { folder: inside, account: await ownerOf(inside, account), initialised: true };
  if (account === undefined) return { folder: inside, account, initialised: false };
  const folder = join(await reachableBase(dataFolder, account), Buffer.from(randomBytes(6)).toString("hex"));
  await writePointer(dataFolder, folder, false);
  return { folder, account, initialised: false };
}

async function pointedLocation(
  dataFolder: string,
  { folder, complete }: Pointer,
  account: Account | undefined,
): Promise<ClusterLocation> {
  await checkOwner(folder, dataFolder);
  const initialised = await isInitialised(folder);
  if (initialised || !complete) return { folder, account: await ownerOf(folder, account), initialised };
  throw new Fault("ERR_DATA_FOLDER", {
    message: `${join(dataFolder, POINTER_FILE)} names ${folder}, which holds no database that this account can read`,
  });
}

/** A copied data folder must not take the database from under the node that the original belongs to. */
async function checkOwner(folder: string, dataFolder: string): Promise<void> {
  const owner = (await readFile(join(folder, OWNER_FILE), "utf8").catch(() => "")).trim();
  if (owner === "" || owner === dataFolder || (await readPointer(owner))?.folder !== folder) return;
  throw new Fault("ERR_DATA_FOLDER", { message: `${dataFolder}: its database ${folder} belongs to ${owner}` });
}

/** As root, a cluster runs under the account that it belongs to. */
async function ownerOf(folder: string, account: Account | undefined): Promise<Account | undefined> {
  const found = await stat(folder).catch(() => undefined);
  if (account === undefined || found === undefined || found.uid === 0) return account;
  return { name: String(found.uid), uid: found.uid, gid: found.gid };
}

interface Pointer {
  readonly folder: string;
  /** Whether the cluster was once complete: if not, making it is taken up again. */
  readonly complete: boolean;
}

async function readPointer(dataFolder: string): Promise<Pointer | undefined> {
  const written = await readFile(join(dataFolder, POINTER_FILE), "utf8").catch(() => undefined);
  const [folder = "", state] = written?.split("\n") ?? [];
  return folder === "" ? undefined : { folder, complete: state === "complete" };
}

async function writePointer(dataFolder: string, folder: string, complete: boolean): Promise<void> {
  const path = join(dataFolder, POINTER_FILE);
  await writeFile(`${path}.new`, `${folder}\n${complete ? "complete\n" : ""}`);
  await rename(`${path}.new`, path);
}

/** The first folder that the account can reach and that is root's own; temporary data go to temporary folders. */
async function reachableBase(dataFolder: string, account: Account): Promise<string> {
  const temporary = join(tmpdir(), "zhengtong-postgres");
  const lasting = [
    process.platform === "darwin" ? "/var/db/zhengtong" : "/var/lib/zhengtong",
    "/var/tmp/zhengtong-postgres",
  ];
  const isTemporary = !relative(tmpdir(), resolve(dataFolder)).startsWith("..");
  const tried = isTemporary ? [temporary] : [...lasting, temporary];
  for (const base of tried) {
    const made = await mkdir(base, { recursive: true, mode: 0o755 }).then(
      () => true,
      () => false,
    );
    if (!made || (await stat(base)).uid !== 0) continue;
    await chmod(base, 0o755);
    if (await canEnter(base, account)) return base;
  }
  throw new Fault("ERR_DATA_FOLDER", { message: `the account ${account.name} can reach none of ${tried.join(", ")}` });
}

/** Where the database is that a running node holds on this data folder; undefined when none runs. */
export async function runningPostgresUrl(dataFolder: string): Promise<string | undefined> {
  const folder = (await readPointer(dataFolder))?.folder ?? join(dataFolder, "postgres");
  return (await runningClusterUrl(folder))?.(DATABASE_NAME);
}

/** Removes the cluster of a data folder that nobody uses any more: temporary nodes. */
export async function removeEmbeddedPostgres(dataFolder: string): Promise<void> {
  const folder = (await readPointer(dataFolder))?.folder ?? join(dataFolder, "postgres");
  await stopLeftover(folder);
  // An `initdb` that was left behind may still write.
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  await rm(join(dataFolder, POINTER_FILE), { force: true });
}
