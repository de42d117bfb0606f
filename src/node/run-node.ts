import { type Text, text } from "#lib/language/text";
import type { CommandIo } from "./command.ts";
import { type Configuration, readConfiguration } from "./configuration.ts";
import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
import { type Ground, openGround } from "./ground.ts";
import { checkPort } from "./port.ts";
import { onStopSignal } from "./stop-signals.ts";

/** A node that answers requests. */
export interface RunningNode {
  /** Ends what is in flight, then everything the node started; not the database, which is the ground's. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly configuration: Configuration;
  /** Held and running; released after the node has stopped. */
  readonly ground: Ground;
  readonly report: (progress: Text) => void;
}

/** Makes the node listen, and says where. */
export type StartNode = (options: StartOptions) => Promise<RunningNode>;

/** A stop that takes longer is given up: the database recovers what was in flight. */
export const STOP_TIMEOUT_MS = 30_000;

/**
 * Runs a node until it is told to stop. The order of what can be wrong is that of its likelihood: configuration, data folder, port,
 * disk, database; nothing is started before it is checked.
 */
export async function runNode(startNode: StartNode, io: CommandIo): Promise<ExitCode> {
  const configuration = readConfiguration(io.environment, io.folder);
  const told = Promise.withResolvers<void>();
  const removeHandlers = onStopSignal({
    stop: async () => {
      io.report(text("正在停止：完成进行中的办理…", "Stopping: what is in flight is finished…"));
      told.resolve();
    },
    force: () => process.exit(EXIT_CODES.INTERRUPTED),
  });
  try {
    const ground = await openGround(configuration, {
      report: io.report,
      onIncident: io.report,
      beforeDatabase: () => checkPort(configuration),
    });
    try {
      const node = await startNode({ configuration, ground, report: io.report });
      await told.promise;
      await withinTimeout(node.stop());
    } finally {
      await ground.release();
    }
    io.report(text("已停止", "Stopped"));
    return EXIT_CODES.OK;
  } finally {
    removeHandlers();
  }
}

async function withinTimeout(stopped: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, STOP_TIMEOUT_MS);
  });
  await Promise.race([stopped, timeout]);
  clearTimeout(timer);
}
