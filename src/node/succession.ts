/**
 * How a running node hands its place to one of another build without a refused request: the launcher starts the successor, which prepares
 * everything beside the old process on the same database, then takes over what listens, with every connection that waits in it; then the
 * old one accepts nothing more, answers what it has, and ends. What is said goes over the launcher (`zhengtong.mjs`).
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import net from "node:net";
import { join } from "node:path";
import { isText, type Text, text } from "#lib/language/text";

/** In the data folder: who is to take the place; why it did not come to that. */
const SUCCESSOR_FILE = "successor.json";
const FAILED_FILE = "successor.failed";
/** Open connections are answered with `Connection: close`; those on which nobody asks anything end then. */
const DRAIN_MS = 15_000;
const LOOK_MS = 100;

/** What the launcher passes: not a server of its own, which would accept connections here, but what one listens with. */
type Listener = object;

interface Said {
  readonly zhengtong?: string;
  readonly code?: number | null;
}

/** The place that this process takes, where the launcher started it for that. */
export interface Predecessor {
  readonly pid: number;
  /** Asks for what listens. */
  listener(): Promise<Listener>;
  /** Says that this process answers: the old one is told to drain. */
  serving(): void;
  /** Resolves once the old process has ended. */
  readonly gone: Promise<void>;
}

export function predecessor(): Predecessor | undefined {
  const pid = Number(process.env["ZHENGTONG_LAUNCHER_TAKES_OVER"]);
  if (!(pid > 0) || process.send === undefined) return undefined;
  const [listener, gone] = [Promise.withResolvers<Listener>(), Promise.withResolvers<void>()];
  process.on("message", (said: Said, handle: unknown) => {
    if (said.zhengtong === "listener" && typeof handle === "object" && handle !== null) listener.resolve(handle);
    if (said.zhengtong === "alone") gone.resolve();
  });
  // Listening to the launcher is no reason to stay: one that could not start ends.
  process.channel?.unref();
  return {
    pid,
    listener() {
      process.send?.({ zhengtong: "ready" });
      return listener.promise;
    },
    serving: () => void process.send?.({ zhengtong: "serving" }),
    gone: gone.promise,
  };
}

/** Listens with what another process listened with. */
export async function listenWith(server: Server, listener: Listener): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).once("listening", resolve);
    server.listen({ _handle: listener } as object as net.ListenOptions);
  });
}

/** Fastify ends what it listens with itself, and knows nothing of this. */
export async function endListening(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

/** Accepts nothing more; resolves when every connection has ended that was open, or after a while. */
export async function drain(server: Server): Promise<void> {
  server.prependListener("request", (_request, response) => {
    response.shouldKeepAlive = false;
  });
  // That of `http` would end idle connections at once, on which somebody may be asking just now.
  const ended = new Promise<void>((resolve) => net.Server.prototype.close.call(server, () => resolve()));
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
}

/**
 * Hands the place over when `zhengtong upgrade` asks for it.
 * @param node what listens, and what is to be done once nothing comes in any more
 * @returns what ends the readiness
 */
export function offerPlace(node: {
  readonly dataFolder: string;
  readonly server: Server;
  readonly report: (progress: Text) => void;
  readonly drained: () => void;
}): () => void {
  const { dataFolder, server, report, drained } = node;
  const failed = async (why: Text) => {
    report(why);
    await writeFile(join(dataFolder, FAILED_FILE), JSON.stringify(why), { mode: 0o600 });
  };
  const asked = () => void handOver().catch((error: unknown) => failed(text(String(error), String(error))));
  const handOver = async () => {
    const { root } = JSON.parse(await readFile(join(dataFolder, SUCCESSOR_FILE), "utf8")) as { readonly root: string };
    const listener = (server as { readonly _handle?: Listener })._handle;
    if (process.send === undefined || listener === undefined) return failed(NO_LAUNCHER);
    report(text(`正在移交给 ${root} 的新版本…`, `Handing over to the version in ${root}…`));
    process.send({ zhengtong: "succeed", root }, listener as never);
  };
  const heard = (said: Said) => {
    if (said.zhengtong === "successor-failed") void failed(successorFailed(said.code ?? undefined));
    if (said.zhengtong === "drain") void drain(server).then(drained);
  };
  process.on("SIGUSR2", asked).on("message", heard);
  process.channel?.unref();
  return () => void process.off("SIGUSR2", asked).off("message", heard);
}

const NO_LAUNCHER = text(
  "本节点不是由 zhengtong start 启动的，不能移交；请停止后用新版本启动",
  "This node was not started by `zhengtong start` and cannot hand over: stop it, and start the new version",
);

function successorFailed(code: number | undefined): Text {
  return text(
    `新版本未能启动（退出码 ${code ?? "?"}），本节点照常运行；原因见其输出`,
    `The new version did not start (exit code ${code ?? "?"}) and this node goes on; its output says why`,
  );
}

/**
 * Asks a running node to hand its place to this checkout.
 * @returns why it did not; undefined once the old process has ended
 */
export async function askForPlace(place: {
  readonly dataFolder: string;
  readonly pid: number;
  readonly root: string;
  readonly isRunning: () => Promise<boolean>;
  readonly timeoutMs: number;
}): Promise<Text | undefined> {
  const { dataFolder, pid, root, isRunning, timeoutMs } = place;
  const why = join(dataFolder, FAILED_FILE);
  await rm(why, { force: true });
  await writeFile(join(dataFolder, SUCCESSOR_FILE), JSON.stringify({ root }), { mode: 0o600 });
  try {
    process.kill(pid, "SIGUSR2");
    for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += LOOK_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const failure: unknown = JSON.parse(await readFile(why, "utf8").catch(() => "null"));
      if (isText(failure)) return failure;
      if (!(await isRunning())) return undefined;
    }
    return text("等待移交超时；两个版本可能仍在并行运行", "The time was over; both versions may still be running");
  } finally {
    await rm(join(dataFolder, SUCCESSOR_FILE), { force: true });
    await rm(why, { force: true });
  }
}
