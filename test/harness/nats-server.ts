import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = "nats-server";

/** A NATS server with JetStream, on this machine and a disk of its own. */
export interface NatsServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Why what needs it is left out; false where it is installed. */
export function natsMissing(): string | false {
  const { status } = spawnSync(PROGRAM, ["--version"]);
  return status === 0 ? false : `${PROGRAM} is not installed`;
}

export async function startNats(): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-test-nats-"));
  const child = spawn(PROGRAM, ["--addr", "127.0.0.1", "--port", "-1", "--jetstream", "--store_dir", folder], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "close");
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      const address = /Listening for client connections on (\S+)/.exec(said)?.[1];
      if (address !== undefined && said.includes("Server is ready")) resolve(`nats://${address}`);
    });
    child.once("error", reject);
    void ended.then(() => reject(new Error(`it ended:\n${said}`)));
  });
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
