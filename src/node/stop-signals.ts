/** How a running node is told to stop. */

export interface StopOptions {
  /** Stops in order; the process ends when it has. */
  readonly stop: () => Promise<void>;
  /** Ends at once: the second Ctrl-C. */
  readonly force: () => void;
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP"];
/** npm, the shell and the launcher each pass on the Ctrl-C that the terminal sent to us as well: these count as one. */
const ECHO_MS = 1_500;
const PARENT_CHECK_INTERVAL_MS = 1_000;

/**
 * Calls `stop` at the first signal, or when the launcher that started us is gone; `force` at a signal that comes later.
 * @returns what removes the handlers
 */
export function onStopSignal({ stop, force }: StopOptions): () => void {
  let stoppedAt: number | undefined;
  const handle = () => {
    if (stoppedAt === undefined) {
      stoppedAt = performance.now();
      void stop();
    } else if (performance.now() - stoppedAt > ECHO_MS) {
      force();
    }
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  const parentCheck = watchLauncher(() => {
    if (stoppedAt === undefined) handle();
  });
  return () => {
    for (const signal of SIGNALS) process.off(signal, handle);
    clearInterval(parentCheck);
  };
}

function watchLauncher(gone: () => void): NodeJS.Timeout | undefined {
  const launcher = Number(process.env["ZHENGTONG_LAUNCHER_PID"]);
  if (process.ppid !== launcher) return undefined;
  return setInterval(() => {
    if (process.ppid !== launcher) gone();
  }, PARENT_CHECK_INTERVAL_MS).unref();
}
