import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { Text } from "#lib/language/text";
import { removeEmbeddedPostgres } from "../embedded-postgres.ts";
import { type ServingNode, startNode } from "../serve.ts";

/** A demonstration node for one purpose, with a data folder and a port of its own. */
export interface TemporaryNode {
  readonly node: ServingNode;
  readonly dataFolder: string;
  /** Stops it, and removes everything that it kept. */
  discard(): Promise<void>;
  /** Stops it, and leaves its data folder: `ZHENGTONG_DATA=… zhengtong start`. */
  keep(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Starts one. What it writes to its log are warnings alone. */
export async function startTemporaryNode(report: (progress: Text) => void): Promise<TemporaryNode> {
  const base = await mkdtemp(join(tmpdir(), "zhengtong-demo-node-"));
  const dataFolder = join(base, "data");
  const remove = async () => {
    await removeEmbeddedPostgres(dataFolder);
    await rm(base, { recursive: true, force: true });
  };
  try {
    const configuration = {
      host: HOST,
      port: await freePort(),
      dataFolder,
      publicUrl: undefined,
      trustProxy: false,
      databaseUrl: undefined,
      logLevel: "warn",
    } as const;
    const log = pino({ level: configuration.logLevel }, pino.destination(2));
    const node = await startNode(configuration, { report, demonstration: true, cases: false, log });
    const discard = async () => {
      await node.stop();
      await remove();
    };
    return { node, dataFolder, discard, keep: () => node.stop() };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A port of this machine that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address === "object" && address !== null) return address.port;
  throw new RangeError("no port is free");
}
