import type { Server } from "node:http";
import { flushCompileCache } from "node:module";
import { type Text, text } from "#lib/language/text";
import type { CommandIo } from "./command.ts";
import { type Configuration, readConfiguration } from "./configuration.ts";
import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
import { onStopSignal } from "./stop-signals.ts";
import { offerPlace } from "./succession.ts";

/** Makes a node that answers requests; `stop` finishes what is in flight, then ends everything that the node started. */
export type StartNode = (
  configuration: Configuration,
  report: (progress: Text) => void,
) => Promise<{ readonly stop: () => Promise<void>; readonly server?: Server }>;

/** A stop that takes longer is given up, and the process ends: the database recovers what was in flight. */
export const STOP_TIMEOUT_MS = 30_000;

/** After being ready: by then what was only needed to start is done. */
const REST_MS = 5_000;

/** Reads the configuration, and runs a node until it is told to stop; told earlier, it stops as soon as it has started. */
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
    const node = await startNode(configuration, io.report);
    flushCompileCache(); // else only an orderly end would keep it
    restSoon();
    const { dataFolder } = configuration;
    const withdraw = node.server
      ? offerPlace({ dataFolder, server: node.server, report: io.report, drained: () => told.resolve() })
      : undefined;
    await told.promise;
    withdraw?.();
    if (await withinTimeout(node.stop())) {
      io.report(text("已停止", "Stopped"));
      return EXIT_CODES.OK;
    }
    io.report(
      text(
        "停止超时，强制结束；已确认的办理均已保存",
        "Stopping took too long and is ended by force; all that was acknowledged is kept",
      ),
    );
    return process.exit(EXIT_CODES.INTERRUPTED);
  } finally {
    removeHandlers();
  }
}

/** Contracts, policies and first data leave much behind that nobody needs again. */
export function restSoon(): void {
  setTimeout(() => globalThis.gc?.({ type: "major", execution: "async", flavor: "last-resort" }), REST_MS).unref();
}

async function withinTimeout(stopped: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, STOP_TIMEOUT_MS, false);
  });
  try {
    return await Promise.race([stopped.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
