import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { type TestDatabase, testDatabase } from "#kernel/database/testing";
import type { EdgeConfiguration } from "../../src/node/edge-configuration.ts";
import { type ServingNode, startNode } from "../../src/node/serve.ts";

/** A whole demonstration node to be attacked: on a database of its own, with everything that it logs kept. */
export interface TargetNode {
  readonly node: ServingNode;
  readonly address: string;
  readonly dataFolder: string;
  readonly database: TestDatabase;
  /** Every line of the application log so far, at the level `trace`. */
  log(): string;
  /** What the node believes to be now; undefined: the clock. */
  setNow(at: string | undefined): void;
  close(): Promise<void>;
}

export async function targetNode(
  options: {
    readonly port?: number;
    readonly edge?: EdgeConfiguration;
    /** The file that plugs in a platform above. */
    readonly upstream?: string;
  } = {},
): Promise<TargetNode> {
  const database = await testDatabase();
  const dataFolder = await mkdtemp(join(tmpdir(), "zhengtong-target-"));
  let log = "";
  let now: string | undefined;
  const write = (line: string) => {
    log += line;
  };
  const node = await startNode(
    {
      host: "127.0.0.1",
      port: options.port ?? 0,
      dataFolder,
      publicUrl: undefined,
      trustProxy: false,
      databaseUrl: database.url,
      logLevel: "trace",
      ...(options.upstream !== undefined && { upstream: options.upstream }),
      ...(options.edge && { edge: options.edge }),
    },
    {
      report: () => undefined,
      demonstration: true,
      log: pino({ level: "trace" }, { write }),
      now: () => now ?? Temporal.Now.instant().toString({ smallestUnit: "millisecond" }),
    },
  );
  return {
    node,
    address: node.address,
    dataFolder,
    database,
    log: () => log,
    setNow: (at) => {
      now = at;
    },
    async close() {
      await node.stop();
      await database.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
