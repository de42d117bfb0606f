import { readdir, statfs } from "node:fs/promises";
import { openDatabase } from "#kernel/database/database";
import type { Database } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import type { Text } from "#lib/language/text";
import type { Configuration } from "./configuration.ts";
import { type DataFolder, dataFolderAt, dataFolderHolder, holdDataFolder, joinDataFolder } from "./data-folder.ts";
import { runningPostgresUrl, startEmbeddedPostgres } from "./embedded-postgres.ts";
import "./faults.ts";

/** What every command on a node stands on: its data folder, held, and a database that runs. */
export interface Ground {
  readonly dataFolder: DataFolder;
  readonly databaseUrl: string;
  /** Stops the embedded database and gives the data folder back. */
  release(): Promise<void>;
}

export interface GroundOptions {
  readonly report?: (progress: Text) => void;
  readonly onIncident?: (incident: Text) => void;
  /** What else must be right before the database is started. */
  readonly beforeDatabase?: () => Promise<void>;
  /** Whether the node may be running: then its data folder and database are shared, not held. For what only reads. */
  readonly besideRunningNode?: boolean;
  /** The process whose place this one takes; it works until this one does. */
  readonly after?: number | undefined;
  /** Only on a node that was made before: for what has nothing to do where there is none, and would make one of a mistyped folder. */
  readonly existingNode?: boolean;
}

/** Below this nothing is started: PostgreSQL would stop in the middle of its work. */
export const MIN_FREE_DISK_BYTES = 128 * 1024 * 1024;

/**
 * Takes the data folder, then starts the embedded PostgreSQL, or reaches the one that DATABASE_URL names.
 * @throws ERR_NO_NODE, ERR_DATA_FOLDER…, ERR_DISK_FULL, ERR_CLUSTER_…, ERR_DATABASE_…; then nothing stays held or running
 */
export async function openGround(configuration: Configuration, options: GroundOptions = {}): Promise<Ground> {
  if (options.besideRunningNode === true) {
    const running = await groundOfRunningNode(configuration);
    if (running !== undefined) return running;
  }
  if (options.existingNode === true) await findNode(configuration.dataFolder);
  const dataFolder = await (options.after === undefined
    ? holdDataFolder(configuration.dataFolder)
    : joinDataFolder(configuration.dataFolder, options.after));
  try {
    await options.beforeDatabase?.();
    await checkDiskSpace(dataFolder.path);
    if (configuration.databaseUrl !== undefined) {
      await (await openDatabase({ url: configuration.databaseUrl, poolSize: 1 })).close();
      return { dataFolder, databaseUrl: configuration.databaseUrl, release: () => dataFolder.release() };
    }
    const postgres = await startEmbeddedPostgres({ dataFolder: dataFolder.path, ...options });
    const release = async () => {
      await postgres.stop();
      await dataFolder.release();
    };
    return { dataFolder, databaseUrl: postgres.url, release };
  } catch (error) {
    await dataFolder.release();
    throw error;
  }
}

/** A node has keys: without them there is nothing in a folder that a command could be about. */
async function findNode(path: string): Promise<void> {
  const keys = await readdir(dataFolderAt(path).keys).catch(() => []);
  if (keys.length === 0) throw new Fault("ERR_NO_NODE", { message: path });
}

async function groundOfRunningNode({ dataFolder: path, databaseUrl }: Configuration): Promise<Ground | undefined> {
  if ((await dataFolderHolder(path)) === undefined) return undefined;
  const url = databaseUrl ?? (await runningPostgresUrl(path));
  if (url === undefined) return undefined;
  const release = async () => undefined;
  return { dataFolder: { ...dataFolderAt(path), release }, databaseUrl: url, release };
}

async function checkDiskSpace(path: string): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  if (bavail * bsize >= MIN_FREE_DISK_BYTES) return;
  const mebibytes = (bytes: number) => `${Math.floor(bytes / 1024 / 1024)} MiB`;
  throw new Fault("ERR_DISK_FULL", {
    message: `${path}: ${mebibytes(bavail * bsize)} < ${mebibytes(MIN_FREE_DISK_BYTES)}`,
  });
}

/** Runs work on an open database of the ground, and puts everything back, whatever happens. */
export async function onGround<T>(
  configuration: Configuration,
  options: GroundOptions,
  work: (place: { readonly ground: Ground; readonly database: Database }) => Promise<T>,
): Promise<T> {
  const ground = await openGround(configuration, options);
  try {
    await using database = await openDatabase({ url: ground.databaseUrl });
    return await work({ ground, database });
  } finally {
    await ground.release();
  }
}
