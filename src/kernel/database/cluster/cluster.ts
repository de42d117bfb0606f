import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { chmod, chown, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { Fault } from "../../errors/fault.ts";
import "../faults.ts";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { stopLeftover } from "./leftover.ts";

/** A folder with a PostgreSQL cluster that belongs to us. */
export interface ClusterPlace {
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  /** Holds `data/`, `socket/`, `password` and `server.log`. */
  readonly folder: string;
}

export interface ClusterOptions {
  /** Settings beyond ours, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether a crash of the machine may lose everything: tests. */
  readonly disposable?: boolean;
  readonly startTimeoutMs?: number;
  /** Where a loopback port is used: that of the same cluster before, so that its URL stays. */
  readonly port?: number;
}

export interface RunningCluster {
  /** Where a database of the cluster is; without a name, the one for maintenance. */
  url(databaseName?: string): string;
  readonly pid: number;
  readonly port: number;
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends sessions and stops (fast shutdown), with force after the timeout. */
  stop(timeoutMs?: number): Promise<void>;
}

const LOG_FILE = "server.log";
const OUTPUT_LIMIT_CHARACTERS = 20_000;
/** Only names the socket. */
const SOCKET_PORT = 5432;
const SUPERUSER = "zhengtong";
const INITIALISE_TIMEOUT_MS = 120_000;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
const POLL_INTERVAL_MS = 15;
/** Unix socket paths hold 107 bytes; the name of the socket itself takes up to 20. */
const MAX_SOCKET_FOLDER_BYTES = 85;

/** Whether `initialiseCluster` completed here. */
export async function isInitialised(folder: string): Promise<boolean> {
  return (await readFile(join(folder, "data", "PG_VERSION"), "utf8").catch(() => undefined)) !== undefined;
}

/** Makes a cluster: builtin C.UTF-8 collation, data checksums, SCRAM with a random password; whole or not at all. */
export async function initialiseCluster(
  place: ClusterPlace,
  password: string,
  options: ClusterOptions = {},
): Promise<void> {
  const { folder, account } = place;
  await ownFolder(folder, account);
  await removePartial(folder);
  // A name of its own: an `initdb` whose caller was killed may still be writing to the one before.
  const partial = join(folder, `data.partial.${process.pid}.${Date.now().toString(36)}`);
  await ownFolder(partial, account);
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid);
  const child = spawnAs(place, place.binaries.initdb, [
    ...["-D", partial, "-U", SUPERUSER, "--pwfile", passwordFile, "--auth", "scram-sha-256"],
    ...["--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"],
    "--data-checksums",
    ...(options.disposable === true ? ["--no-sync"] : []),
  ]);
  const timer = setTimeout(() => child.kill("SIGKILL"), INITIALISE_TIMEOUT_MS);
  await ended(child);
  clearTimeout(timer);
  if (child.exitCode !== 0) throw clusterFault(await lastOutput(place));
  await rename(partial, join(folder, "data"));
  await removePartial(folder);
}

async function removePartial(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith("data.partial"))
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * Starts the server and waits until it accepts connections. To be called by one process at a time: a server that an earlier
 * process left behind is stopped first.
 */
export async function startCluster(place: ClusterPlace, options: ClusterOptions = {}): Promise<RunningCluster> {
  await stopLeftover(place.folder);
  const address = await clusterAddress(place, options.port);
  const settings: Record<string, string> = {
    ...address.settings,
    password_encryption: "scram-sha-256",
    lc_messages: "C",
    timezone: "UTC",
    log_timezone: "UTC",
    cluster_name: "zhengtong",
    ...(options.disposable === true ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } : {}),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawnAs(place, place.binaries.postgres, ["-D", join(place.folder, "data"), ...flags]);
  const over = ended(child);
  endWithProcess(child, over);
  const url = await urlMaker(place.folder, address);
  await untilReady({ child, place, url: url(), timeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS });
  return {
    url,
    pid: child.pid ?? 0,
    port: address.port,
    ended: over,
    stop: async (timeoutMs = STOP_TIMEOUT_MS) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGINT"); // fast shutdown
      const timer = setTimeout(() => child.kill("SIGQUIT"), timeoutMs);
      await over;
      clearTimeout(timer);
    },
  };
}

/** The server is not in our process group: where we end without having stopped it, it is told to stop. */
function endWithProcess(child: ChildProcess, over: Promise<void>): void {
  const tell = () => child.kill("SIGINT");
  process.once("exit", tell);
  void over.then(() => process.off("exit", tell));
}

type MakeUrl = (databaseName?: string) => string;

async function urlMaker(folder: string, address: Pick<Address, "authority" | "search">): Promise<MakeUrl> {
  const password = encodeURIComponent(await readFile(join(folder, "password"), "utf8"));
  return (name = "postgres") => `postgresql://${SUPERUSER}:${password}@${address.authority}/${name}${address.search}`;
}

/** The URLs of a server that another process of ours runs on this folder; undefined when none is recorded there. */
export async function runningClusterUrl(folder: string): Promise<MakeUrl | undefined> {
  const record = await readFile(join(folder, "data", "postmaster.pid"), "utf8").catch(() => undefined);
  // PID, data folder, start, port, socket folder, address: the lines of postmaster.pid.
  const [, , , port, socketFolder] = record?.split("\n") ?? [];
  if (port === undefined || socketFolder === undefined) return undefined;
  if (socketFolder === "") return await urlMaker(folder, { authority: `127.0.0.1:${port}`, search: "" });
  return await urlMaker(folder, {
    authority: `localhost:${port}`,
    search: `?host=${encodeURIComponent(socketFolder)}`,
  });
}

async function untilReady(starting: {
  child: ChildProcess;
  place: ClusterPlace;
  url: string;
  timeoutMs: number;
}): Promise<void> {
  const { child } = starting;
  const deadline = performance.now() + starting.timeoutMs;
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const client = new pg.Client({ connectionString: starting.url, connectionTimeoutMillis: 2_000 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (performance.now() > deadline) {
        child.kill("SIGQUIT");
        throw new Fault("ERR_CLUSTER_START", { message: `not ready in ${starting.timeoutMs} ms`, cause: error });
      }
      await sleep(POLL_INTERVAL_MS);
    }
  }
  throw clusterFault(await lastOutput(starting.place));
}

function clusterFault(output: string): Fault {
  const message = output.trim().split("\n").slice(-8).join("\n");
  const full = /No space left on device|could not (?:write|extend).*space/i.test(output);
  return new Fault(full ? "ERR_DATABASE_DISK_FULL" : "ERR_CLUSTER_START", { message });
}

interface Address {
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly authority: string;
  readonly search: string;
}

/** A Unix socket in the cluster's own folder; a free port of the loopback where that does not exist or its path is too long. */
async function clusterAddress(place: ClusterPlace, wantedPort: number | undefined): Promise<Address> {
  const folder = join(place.folder, "socket");
  if (process.platform !== "win32" && Buffer.byteLength(folder) <= MAX_SOCKET_FOLDER_BYTES) {
    await ownFolder(folder, place.account);
    return {
      settings: {
        listen_addresses: "",
        unix_socket_directories: folder,
        unix_socket_permissions: "0700",
        port: "5432",
      },
      port: SOCKET_PORT,
      authority: `localhost:${SOCKET_PORT}`,
      search: `?host=${encodeURIComponent(folder)}`,
    };
  }
  const port = wantedPort ?? (await freePort());
  return {
    port,
    settings: { listen_addresses: "127.0.0.1", unix_socket_directories: "", port: String(port) },
    authority: `127.0.0.1:${port}`,
    search: "",
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Fault("ERR_CLUSTER_START", { message: "no port" });
  return address.port;
}

/** A folder that the account alone can read. */
async function ownFolder(folder: string, account: Account | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  if (account !== undefined) await chown(folder, account.uid, account.gid);
}

function spawnAs(place: ClusterPlace, program: string, args: readonly string[]): ChildProcess {
  const { account, folder } = place;
  const log = openSync(join(folder, LOG_FILE), "w", 0o600);
  try {
    return spawn(program, args, {
      cwd: folder,
      // Its own process group: a Ctrl-C in the terminal reaches us alone, and we stop the server in order.
      detached: process.platform !== "win32",
      stdio: ["ignore", log, log],
      env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC" },
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    });
  } finally {
    closeSync(log);
  }
}

/** Resolves when the program has ended, or could not be started at all. */
function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}

async function lastOutput(place: ClusterPlace): Promise<string> {
  const output = await readFile(join(place.folder, LOG_FILE), "utf8").catch((error) => String(error));
  return output.slice(-OUTPUT_LIMIT_CHARACTERS);
}
