import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = "nats-server";

/** A NATS server with JetStream, on this machine and a disk of its own. */
export interface NatsServer {
  readonly url: string;
  /** Ends it with SIGKILL and starts it again, at the same address and on the same disk, after the work. */
  without(work: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Why what needs it is left out; false where it is installed. */
export function natsMissing(): string | false {
  const { status } = spawnSync(PROGRAM, ["--version"]);
  return status === 0 ? false : `${PROGRAM} is not installed`;
}

export async function startNats(): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-test-nats-"));
  let running = await start(folder, "-1");
  const { address } = running;
  return {
    url: `nats://${address}`,
    async without(work) {
      await running.end("SIGKILL");
      try {
        await work();
      } finally {
        running = await start(folder, address.slice(address.lastIndexOf(":") + 1));
      }
    },
    async stop() {
      await running.end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start(folder: string, port: string) {
  const child = spawn(PROGRAM, ["--addr", "127.0.0.1", "--port", port, "--jetstream", "--store_dir", folder], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "close");
  const address = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      const found = /Listening for client connections on (\S+)/.exec(said)?.[1];
      if (found !== undefined && said.includes("Server is ready")) resolve(found);
    });
    child.once("error", reject);
    void ended.then(() => reject(new Error(`it ended:\n${said}`)));
  });
  return {
    address,
    async end(signal: NodeJS.Signals) {
      child.kill(signal);
      await ended;
    },
  };
}
